import { describe, expect, it } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { withMac } from '../../../core/refunds/approval-macs.ts';
import { approve, type Decision, keep } from '../../../core/refunds/decide-hold.ts';
import { arrival, captured, charge, HOUR, orderClosed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { moved, type Shows } from '../../fixtures/flags.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const LIMIT = { refunds: { twoPeopleAboveMinor: { CNY: 10_000 } } };
const coffee = (chargeId: string, amountMinor: number) => charge({ chargeId, order: `o_${chargeId}`, amountMinor });

/** The same payer, the same amount, two orders: the second waits for people. */
async function heldFlag(amountMinor: number): Promise<RefundWorld & { says(by: string): Decision }> {
  const world = refundWorld(configuration(LIMIT));
  await world.deliver(captured(coffee('one', amountMinor)), captured(coffee('two', amountMinor)));
  await world.work('two');
  expect(world.flagOn('two')).toMatchObject({
    status: 'held',
    wait: { waitsFor: ['empties-order', 'review'] },
    raisedBy: 'system:detect',
  });
  return Object.assign(world, {
    says: (by: string) => ({ flagId: world.flagOn('two').id, by, reason: `${by} has looked` }),
  });
}

async function put(world: RefundWorld, flag: Flag, change: Shows): Promise<void> {
  const known = await world.cases.readCase(flag.caseId);
  await world.cases.commit(withChanges(known, [moved(flag, change)], digests));
}

describe.each([
  ['approve', approve, 'approved', 'approvals'],
  ['keep', keep, 'kept', 'keeps'],
] as const)('to %s', (_, decide, status, votes) => {
  it('takes one person up to the limit', async () => {
    const world = await heldFlag(10_000);
    expect(await decide(world.says('ann'), world)).toMatchObject({ kind: 'done', flag: { status } });
    expect(world.flagOn('two')[votes]).toMatchObject([{ by: 'ann', atMs: START_MS, reason: 'ann has looked' }]);
  });

  it('takes two different people above it, each of whom may ask again', async () => {
    const world = await heldFlag(10_001);
    for (let time = 0; time < 3; time++) {
      expect(await decide(world.says('ann'), world)).toMatchObject({ kind: 'needs-another', flag: { status: 'held' } });
    }
    expect(world.flagOn('two')[votes]).toHaveLength(1);
    expect(await decide(world.says('bob'), world)).toMatchObject({ kind: 'done', flag: { status } });
    expect(await decide(world.says('ann'), world)).toMatchObject({ kind: 'done', flag: { status } });
    expect(world.flagOn('two')[votes].map(({ by }) => by)).toEqual(['ann', 'bob']);
  });

  it('tells of a flag that does not exist', async () => {
    const world = await heldFlag(100);
    const nothing = { ...world.says('ann'), flagId: asFlagId('0'.repeat(32)) };
    expect(await decide(nothing, world)).toEqual({ kind: 'refused', reason: 'unknown-flag' });
  });
});

describe('above the limit', () => {
  it('one who approves and one who keeps are not two of either', async () => {
    const world = await heldFlag(10_001);
    expect(await approve(world.says('ann'), world)).toMatchObject({ kind: 'needs-another' });
    expect(await keep(world.says('bob'), world)).toMatchObject({ kind: 'needs-another' });
    expect(world.flagOn('two').status).toBe('held');
    expect(await keep(world.says('ann'), world)).toMatchObject({ kind: 'done', flag: { status: 'kept' } });
  });

  it('a charge that one person would keep is not kept in its record', async () => {
    const world = await heldFlag(10_001);
    await keep(world.says('ann'), world);
    expect(world.records.all().filter(({ kept }) => kept)).toEqual([]);
  });
});

describe('a sum per approver and hour', () => {
  const SUM = { refunds: { twoPeopleAboveMinor: { CNY: 10_000 }, approverPerHourMinor: { CNY: 15_000 } } };
  /** Flags of 10,000 each that wait for an approver. */
  async function heldFlags(...names: readonly string[]) {
    const world = refundWorld(configuration(SUM));
    for (const name of names) {
      const payer = `p_${name}`;
      const pair = ['one', 'two'].map((n) =>
        charge({ chargeId: `${name} ${n}`, order: `${name} ${n}`, payer, amountMinor: 10_000 }),
      );
      await world.deliver(...pair.map((one) => captured(one)));
      await world.work(`${name} two`);
    }
    const says = (by: string, name: string) =>
      approve({ flagId: world.flagOn(`${name} two`).id, by, reason: 'a copy' }, world);
    return { world, says };
  }

  it('lets one approver release what it has room for, and asks another for the rest', async () => {
    const { world, says } = await heldFlags('a', 'b');
    expect(await says('ann', 'a')).toMatchObject({ kind: 'done', flag: { approvals: [{ by: 'ann', alone: true }] } });
    expect(await says('ann', 'b')).toMatchObject({ kind: 'needs-another', because: 'approver-sum' });
    expect(world.flagOn('b two').approvals).toMatchObject([{ by: 'ann' }]);
    expect(world.flagOn('b two').approvals[0]).not.toHaveProperty('alone');
    expect(await says('bob', 'b')).toMatchObject({ kind: 'done' });
    expect([await world.work('a two'), await world.work('b two')].map(({ status }) => status)).toEqual([
      'refunded',
      'refunded',
    ]);
  });

  it('counts no approval that is the second of two, nor one asked for again', async () => {
    const { says } = await heldFlags('a', 'b', 'c');
    await says('ann', 'a');
    await says('ann', 'a');
    await says('ann', 'b');
    await says('bob', 'b');
    // Of bob's sum nothing is counted yet.
    expect(await says('bob', 'c')).toMatchObject({ kind: 'done' });
  });

  it('begins anew with the clock hour, and a vote beyond it stays the first of two', async () => {
    const { world, says } = await heldFlags('a', 'b', 'c');
    await says('ann', 'a');
    await says('ann', 'b');
    world.clock.nowMs += HOUR;
    expect(await says('ann', 'b')).toMatchObject({ kind: 'needs-another', because: 'approver-sum' });
    expect(await says('ann', 'c')).toMatchObject({ kind: 'done' });
  });

  it('does not let one approval go that was given before there was a sum', async () => {
    const { world, says } = await heldFlags('a');
    await says('ann', 'a');
    const [approval] = world.flagOn('a two').approvals;
    if (approval === undefined) throw new Error('ann has approved');
    const { alone: _, ...unmarked } = approval;
    const { id, charge: of } = world.flagOn('a two');
    const old = await withMac(unmarked, { id, charge: of, attempt: 0 }, world);
    await put(world, world.flagOn('a two'), { approvals: [old] });
    expect(await world.work('a two')).toMatchObject({ status: 'held' });
    expect(world.refunds.size).toBe(0);
  });

  it('keeps a charge without asking it', async () => {
    const { world, says } = await heldFlags('a', 'b');
    await says('ann', 'a');
    const decision = { flagId: world.flagOn('b two').id, by: 'ann', reason: 'two coffees' };
    expect(await keep(decision, world)).toMatchObject({ kind: 'done' });
  });
});

describe('who raised a flag', () => {
  it('does not approve it, also where another must do so too, and may keep it', async () => {
    const world = await heldFlag(10_001);
    await put(world, world.flagOn('two'), { raisedBy: 'ann' });
    expect(await approve(world.says('ann'), world)).toEqual({ kind: 'refused', reason: 'own-flag' });
    expect(await approve(world.says('bob'), world)).toMatchObject({ kind: 'needs-another' });
    expect(await approve(world.says('ann'), world)).toEqual({ kind: 'refused', reason: 'own-flag' });
    expect(await keep(world.says('ann'), world)).toMatchObject({ kind: 'needs-another' });
  });

  it('is the person whose act opened it anew', async () => {
    const world = await heldFlag(100);
    await keep(world.says('ann'), world);
    // The order has closed unpaid, and nobody has looked since: she asks again, and finds the charge surplus.
    await judgeBatch([arrival(orderClosed('unpaid', { order: 'o_two' }))], world);
    await keep(world.says('ann'), world);
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1, raisedBy: 'ann' });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['review'] } });
    expect(await approve(world.says('ann'), world)).toEqual({ kind: 'refused', reason: 'own-flag' });
    expect(await approve(world.says('bob'), world)).toMatchObject({ kind: 'done' });
  });
});

describe('too late', () => {
  it('is an approval of what does not wait, and a keep of what was refunded', async () => {
    const world = await heldFlag(100);
    await approve(world.says('ann'), world);
    await world.work('two');
    expect(world.flagOn('two').status).toBe('refunded');
    expect(await approve(world.says('bob'), world)).toEqual({ kind: 'refused', reason: 'not-held' });
    expect(await keep(world.says('bob'), world)).toEqual({ kind: 'refused', reason: 'too-late' });
    expect([...world.refunds.values()]).toEqual([100]);
  });
});

describe('a refund that failed for good', () => {
  async function failed() {
    const world = await heldFlag(10_001);
    await approve(world.says('ann'), world);
    await approve(world.says('bob'), world);
    world.processor.refuses = true;
    expect(await world.work('two')).toMatchObject({ status: 'failed', failure: 'no balance' });
    world.processor.refuses = false;
    return world;
  }

  it('is approved anew by as many people as before, and tried under the next attempt', async () => {
    const world = await failed();
    expect(await approve(world.says('ann'), world)).toMatchObject({
      kind: 'needs-another',
      flag: { status: 'failed' },
    });
    expect(await approve(world.says('bob'), world)).toMatchObject({
      kind: 'done',
      flag: { status: 'open', attempt: 1 },
    });
    expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
    expect([...world.refunds.keys()]).toEqual([`${world.flagOn('two').id}-1`]);
  });

  it('is not approved while the processor lists a refund of it: that would be paid twice', async () => {
    const world = await failed();
    const discrepancy = { what: 'not-known', detail: 'listed as refunded', foundAtMs: START_MS } as const;
    await put(world, world.flagOn('two'), { discrepancy });
    expect(await approve(world.says('ann'), world)).toEqual({ kind: 'refused', reason: 'unreconciled' });
    await put(world, world.flagOn('two'), { discrepancy: { ...discrepancy, resolved: true } });
    expect(await approve(world.says('ann'), world)).toMatchObject({ kind: 'needs-another' });
  });

  it('is dismissed by itself when others give the money back', async () => {
    const world = await failed();
    await world.deliver(voided(coffee('two', 10_001)));
    expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'released', attempt: 1 });
    expect(world.refunds.size).toBe(0);
  });
});
