import { describe, expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { captured, charge, DAY, disputed, HOUR, MINUTE, refunded, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { inTurn, playEveryOrder, type Worker } from '../../fixtures/interleavings.ts';
import { foundAsTold, type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

const BY_ANN = { by: 'ann', reason: 'a bad release' };
const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const three = charge({ chargeId: 'three' });

const recordOf = ({ records }: RefundWorld, chargeId: string) =>
  records.all().find((record) => record.chargeId === chargeId);

/** The run that is granted the claim dies before the flag knows. */
async function claimAndDie(world: RefundWorld): Promise<void> {
  const dying = { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
  await expect(claim({ flagId: world.flagOn('two').id, attempt: 0 }, dying)).rejects.toThrow('died');
}

describe('a table that was restored to an earlier time', () => {
  it('makes no refunded charge the one that stays', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two), captured(three));
    const before = recordOf(world, 'two');
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    const restored = recordOf(world, 'two');
    if (before === undefined || restored === undefined) throw new Error('bug: the charge has no record');
    await world.records.replaceRecord(before, restored.version);
    await world.deliver(voided(one));

    world.processor.lookup = (of) =>
      of.chargeId === 'two' ? { ...foundAsTold(of), refundableMinor: 0 } : foundAsTold(of);
    expect(await world.work('three')).toMatchObject({ status: 'held', wait: { waitsFor: ['unconfirmed'] } });
    expect(world.refunds.size).toBe(1);
  });
});

describe('a charge that is disputed between claim and first call', () => {
  it('is not refunded where the processor knows of the dispute: the claim is returned', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two));
    await claim({ flagId: world.flagOn('two').id, attempt: 0 }, world);
    await freeze(BY_ANN, world);
    world.clock.nowMs += 2 * DAY;
    await world.deliver(disputed(two, 'open', { timeMs: START_MS + DAY }));
    world.processor.lookup = (of) =>
      of.chargeId === 'two' ? { ...foundAsTold(of), refundableMinor: 0 } : foundAsTold(of);
    await thaw(BY_ANN, world);
    expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'disputed' });
    expect(world.refunds.size).toBe(0);
  });
});

describe('a granted claim that comes to wait', () => {
  /** Three more payers make the cluster suspect. */
  const others = ['p_2', 'p_3', 'p_4'].map((payer) => captured(charge({ chargeId: payer, payer })));

  it('is taken up after a freeze, though its cluster turned suspect and an expiry passed', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two));
    await claimAndDie(world);
    await freeze(BY_ANN, world);
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['frozen'] } });
    await world.deliver(...others);
    world.clock.nowMs += 8 * DAY;
    expect(await world.sweep()).toMatchObject({ expired: 0, released: 0 });
    await thaw(BY_ANN, world);
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('is granted again to an approver, who finds it neither denied nor claimed by another', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two));
    await claimAndDie(world);
    await freeze(BY_ANN, world);
    await world.work('two');
    await world.deliver(...others);
    expect(await approve({ flagId: world.flagOn('two').id, ...BY_ANN }, world)).toMatchObject({ kind: 'done' });
    await thaw(BY_ANN, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    expect(world.refunds.size).toBe(1);
  });

  it('is left to no approver where the cap of an hour has fallen below it', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two));
    await claimAndDie(world);
    const budgetPerHourMinor = { merchant: { CNY: 100 } };
    Object.assign(world, { configuration: configuration({ refunds: { budgetPerHourMinor } }) });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });
});

describe('two detectors that both refund', () => {
  const RULES = configuration({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] });
  /** `two` repeats `one` under rapid-repeat, and `three` repeats `two` in their order. */
  const ours = [one, { ...two, order: 'o_2' }, { ...three, order: 'o_2', payer: 'p_3' }];
  const standingIn = (world: RefundWorld) =>
    world.records.all().filter((record) => record.capture?.charge.order === 'o_2' && record.ours?.state !== 'claimed');

  async function play() {
    const world = refundWorld(RULES);
    await world.deliver(...ours.map((of, at) => captured(of, { timeMs: START_MS + at * MINUTE })));
    expect(world.flagOn('two')).toMatchObject({ detector: 'rapid-repeat' });
    expect(world.flagOn('three')).toMatchObject({ detector: 'same-order' });
    const run =
      (chargeId: string): Worker =>
      async (turn) => {
        const claims = inTurn(world.claims, ['grant'], turn);
        const records = inTurn(world.records, ['readRecords'], turn);
        await claim({ flagId: world.flagOn(chargeId).id, attempt: 0 }, { ...world, claims, records });
      };
    const check = async () => expect(standingIn(world)).toHaveLength(1);
    return { workers: [run('two'), run('three')], check };
  }

  it('leave one charge in an order that both find, in every order of their claims', async () => {
    expect(await playEveryOrder(play)).toBeGreaterThan(100);
  });
});

describe('a window that was throttled while its charge was voided, disputed or refunded', () => {
  const a = charge({ chargeId: 'a', order: 'o_9' });
  const b = charge({ chargeId: 'b', order: undefined });
  const later = { timeMs: START_MS + MINUTE };

  it.each([voided(a, later), disputed(a, 'open', later), refunded(a, a.amountMinor, later)])(
    'takes the charge for gone when it is written at last: $kind',
    async (event) => {
      const world = refundWorld(configuration({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] }));
      const { windows } = world;
      Object.assign(world, { windows: throttledIn('rapid-repeat', windows) });
      await world.deliver(captured(a), event);
      Object.assign(world, { windows });
      world.clock.nowMs += HOUR;
      await world.deliver(captured(a), captured(b, { timeMs: START_MS + 2 * MINUTE }));
      const weak = windows.all().find(({ detector }) => detector === 'rapid-repeat');
      expect(weak?.entries).toHaveLength(2);
      expect(world.cases.allFlags()).toEqual([]);
    },
  );
});

/** The same windows, of which those of one detector cannot be written. */
function throttledIn(detectorId: string, windows: RefundWorld['windows']): RefundWorld['windows'] {
  const failed = new Error('throttled');
  const isMeant = ({ detector }: { readonly detector: string }) => detector === detectorId;
  return {
    ...windows,
    insertWindows: async (all) => (all.some(isMeant) ? all.map(() => ({ failed })) : windows.insertWindows(all)),
    replaceWindow: async (window, version) => {
      if (isMeant(window)) throw failed;
      return windows.replaceWindow(window, version);
    },
  };
}
