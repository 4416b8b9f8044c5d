import { describe, expect, it } from 'vitest';
import { createDigests } from '../../../adapters/crypto/digests.ts';
import type { Configuration } from '../../../core/configuration/configuration.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { AMOUNT_MINOR, arrival, BANK, captured, charge, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, REGISTRY, SAME_ORDER } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

type Shows = Readonly<Record<string, unknown>>;

const BY_ANN = { by: 'ann', reason: 'a bad release' };
const one = charge({ chargeId: 'one', mcc: '5311' });
const two = charge({ chargeId: 'two', mcc: '5311' });
const later = { timeMs: START_MS + MINUTE };
const EXEMPT = { detectors: [{ ...SAME_ORDER, exempt: { mcc: ['5311'] } }, RAPID_REPEAT] };

const deploy = (world: RefundWorld, after: Configuration) => Object.assign(world, { configuration: after });

async function flagged(shows: Shows = {}): Promise<RefundWorld> {
  const world = refundWorld(configuration(shows));
  await world.deliver(captured(one), captured(two, later));
  return world;
}

describe('a configuration that changes while refunds are frozen', () => {
  it.each<[string, Shows, string]>([
    ['the detector only reviews', { detectors: [{ ...SAME_ORDER, action: 'review' }] }, 'configuration-changed'],
    ['the detector only monitors', { detectors: [{ ...SAME_ORDER, action: 'monitor' }] }, 'configuration-changed'],
    ['the detector is gone', { detectors: [RAPID_REPEAT] }, 'configuration-changed'],
    ['the limit is lower', { refunds: { limitMinor: { CNY: 100 } } }, 'limit'],
    ['nothing is attested', { sources: { [WALLET]: { ...REGISTRY[WALLET], attests: [] } } }, 'may-split'],
  ])('rules what goes after the thaw: %s', async (_, after, reason) => {
    const world = await flagged();
    await freeze(BY_ANN, world);
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['frozen'] } });
    deploy(world, configuration(after));
    await thaw(BY_ANN, world);
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: [reason] } });
    expect(world.refunds.size).toBe(0);
  });
});

describe('an exemption, a namespace or a key that changes', () => {
  const MOVED = { sources: { ...REGISTRY, [WALLET]: { ...REGISTRY[WALLET], namespace: 'moved' } } };
  const ROTATED = { digests: createDigests({ version: 'k2', key: 'the next key' }) };
  const changes: [string, (world: RefundWorld) => unknown][] = [
    ['an exemption', (world) => deploy(world, configuration(EXEMPT))],
    ['a source that moves into another namespace', (world) => deploy(world, configuration(MOVED))],
    ['a rotated fingerprint key', (world) => Object.assign(world, ROTATED)],
  ];

  it.each(changes)('leaves the verdict of a charge that comes again: %s', async (_, change) => {
    const world = await flagged();
    const before = world.flagOn('two');
    change(world);
    const { judgements } = await judgeBatch([arrival(captured(one)), arrival(captured(two, later))], world);
    expect(judgements).toMatchObject([
      { verdict: { kind: 'original' }, replay: true },
      { verdict: { kind: 'duplicate', root: before.caseId, detector: 'same-order' }, replay: true },
    ]);
    await world.deliver(captured(one), captured(two, later));
    expect(world.flagOn('two')).toEqual(before);
  });

  it.each(changes)('never lets the last charge of an order go: %s', async (_, change) => {
    const world = await flagged();
    change(world);
    const more = ['three', 'four'].map((chargeId, at) => captured({ ...one, chargeId }, { timeMs: START_MS + at + 2 }));
    await world.deliver(...more, captured(one), captured(two, later), ...more);
    for (const { charge } of world.cases.allFlags()) await world.work(charge.chargeId);
    const refunded = world.cases.allFlags().filter(({ status }) => status === 'refunded');
    expect(refunded.length).toBeLessThan(4);
    expect(world.records.all().some(({ ours }) => ours === undefined)).toBe(true);
  });
});

describe('a flag whose merchant category is exempt by now', () => {
  it('is decided by an approver', async () => {
    const world = await flagged({ refunds: { limitMinor: { CNY: 100 } } });
    deploy(world, configuration({ ...EXEMPT, refunds: { limitMinor: { CNY: 100 } } }));
    expect(await world.work('two')).toMatchObject({ status: 'held' });
    await approve({ flagId: world.flagOn('two').id, ...BY_ANN }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });

  it('is raised by a redelivery after a crash, and decided', async () => {
    const world = refundWorld(configuration());
    await judgeBatch([arrival(captured(one)), arrival(captured(two, later))], world);
    deploy(world, configuration({ ...EXEMPT, refunds: { limitMinor: { CNY: 100 } } }));
    await world.deliver(captured(one), captured(two, later));
    expect(await world.work('two')).toMatchObject({ status: 'held' });
    await approve({ flagId: world.flagOn('two').id, ...BY_ANN }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });
});

describe('a day that is told again', () => {
  const MONITORED = { detectors: [{ ...SAME_ORDER, action: 'monitor' }, RAPID_REPEAT] };

  it('leaves monitored what was monitored, though the detector refunds by now', async () => {
    const world = await flagged(MONITORED);
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored' });
    deploy(world, configuration());
    await world.deliver(captured(one), captured(two, later));
    expect(await world.work('two')).toMatchObject({ status: 'monitored' });
    expect(world.refunds.size).toBe(0);
  });

  /** Orders of one to three charges whose payers, orders and amounts meet crosswise. */
  const DAY_OF_CHARGES: readonly Charge[] = [
    charge({ chargeId: 'a1', order: 'o_1', payer: 'p_1' }),
    charge({ chargeId: 'b1', order: 'o_2', payer: 'p_1' }),
    charge({ chargeId: 'b2', order: 'o_2', payer: 'p_2' }),
    charge({ chargeId: 'a2', order: 'o_1', payer: 'p_2', source: BANK }),
    charge({ chargeId: 'c1', order: 'o_3', payer: 'p_1' }),
    charge({ chargeId: 'd1', order: 'o_4', payer: 'p_3' }),
    charge({ chargeId: 'd2', order: 'o_4', payer: 'p_4' }),
  ];

  const REFUNDING = { ...RAPID_REPEAT, action: 'refund' };

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['of orders', [{ ...RAPID_REPEAT, action: 'monitor' }], [SAME_ORDER, REFUNDING]],
    ['of repeats', [SAME_ORDER], [REFUNDING, SAME_ORDER]],
  ])('under a stronger detector leaves each order a charge: one %s', async (_, before, after) => {
    const world = refundWorld(configuration({ detectors: before }));
    const day = DAY_OF_CHARGES.map((of, at) => captured(of, { timeMs: START_MS + at * 1_000 }));
    const work = async () => {
      for (const { charge } of world.cases.allFlags()) await world.work(charge.chargeId);
    };
    await world.deliver(...day);
    await work();
    deploy(world, configuration({ detectors: after }));
    await world.deliver(...day, ...day.toReversed());
    await work();
    await work();
    const kept = world.records.all().filter(({ ours }) => ours?.state !== 'refunded');
    expect(new Set(kept.map(({ capture }) => capture?.charge.order))).toEqual(new Set(['o_1', 'o_2', 'o_3', 'o_4']));
  });
});

describe('a budget of a merchant in one currency', () => {
  const refunds = { budgetPerHourMinor: { merchant: { JPY: AMOUNT_MINOR }, total: {} } };
  const merchants = { m_1: { budgetPerHourMinor: { CNY: 2 * AMOUNT_MINOR } } };
  const three = charge({ chargeId: 'three' });
  const inCurrency = (currency: string) => [one, two, three].map((of) => captured({ ...of, currency }));

  it('leaves the general budget in another one', async () => {
    const world = refundWorld(configuration({ refunds, merchants }));
    await world.deliver(...inCurrency('JPY'));
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    expect(await world.work('three')).toMatchObject({
      status: 'held',
      wait: { waitsFor: ['budget'], facts: { budget: { merchantMaxMinor: AMOUNT_MINOR } } },
    });
  });

  it('replaces the general one in its own', async () => {
    const general = { budgetPerHourMinor: { merchant: { CNY: AMOUNT_MINOR }, total: {} } };
    const world = refundWorld(configuration({ refunds: general, merchants }));
    await world.deliver(...inCurrency('CNY'));
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    expect(await world.work('three')).toMatchObject({ status: 'refunded' });
  });
});
