import { describe, expect, it } from 'vitest';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, DAY, MINUTE, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, REGISTRY, SAME_ORDER } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const one = captured(charge({ chargeId: 'one', payer: 'p_1' }));
const two = captured(charge({ chargeId: 'two', payer: 'p_2' }), { timeMs: START_MS + MINUTE });
const RETAIN = 15 * DAY;

const deploy = (world: RefundWorld, shows: Parameters<typeof configuration>[0]) =>
  Object.assign(world, { configuration: configuration(shows) });

/** Same-order was added to a stage at work when the test begins. */
function worldWithAdded(): RefundWorld {
  const world = refundWorld(configuration({ detectors: [RAPID_REPEAT] }));
  deploy(world, { detectors: [SAME_ORDER, RAPID_REPEAT] });
  world.since.set('same-order', START_MS);
  return world;
}

describe('a detector that is added to a stage at work', () => {
  it('moves no money automatically for a day that is sent again', async () => {
    const world = refundWorld(configuration({ detectors: [RAPID_REPEAT] }));
    await world.deliver(one, two);
    deploy(world, { detectors: [SAME_ORDER, RAPID_REPEAT] });
    await world.deliver(one, two);
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored', detector: 'same-order', action: 'monitor' });
    expect((await world.work('two')).status).toBe('monitored');
    expect(world.refunds.size).toBe(0);
  });

  it('monitors until `retain` has passed, and says so', async () => {
    const world = worldWithAdded();
    world.clock.nowMs = START_MS + RETAIN - 1;
    await world.deliver(one, two);
    const { caseId } = world.flagOn('two');
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored' });
    expect(await world.cases.auditOf(caseId)).toMatchObject([
      {
        reason: `same-order: duplicate of one; the detector is new and monitors until ${new Date(START_MS + RETAIN).toISOString()}`,
      },
    ]);
  });

  it('acts as configured from then on, and what it monitored before stays so', async () => {
    const world = worldWithAdded();
    await world.deliver(one, two);
    world.clock.nowMs = START_MS + RETAIN;
    const three = captured(charge({ chargeId: 'three', payer: 'p_1', order: 'o_3' }));
    const four = captured(charge({ chargeId: 'four', payer: 'p_1', order: 'o_3' }), { timeMs: START_MS + MINUTE });
    await world.deliver(one, two, three, four);
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored' });
    expect(world.flagOn('four')).toMatchObject({ status: 'open', action: 'refund' });
  });
});

describe('what was only monitored', () => {
  const MONITOR = { detectors: [{ ...SAME_ORDER, action: 'monitor' }] };
  const by = (world: RefundWorld, by: string) => ({
    flagId: world.flagOn('two').id,
    by,
    reason: 'the detector is trusted',
  });

  async function monitored(shows: Parameters<typeof configuration>[0] = MONITOR): Promise<RefundWorld> {
    const world = refundWorld(configuration(shows));
    await world.deliver(one, captured(charge({ chargeId: 'two', payer: 'p_1' }), { timeMs: START_MS + MINUTE }));
    return world;
  }

  it('is refunded by an approval where nothing but the review keeps it', async () => {
    const world = await monitored();
    deploy(world, {});
    expect(await approve(by(world, 'ann'), world)).toMatchObject({ kind: 'done', flag: { status: 'open' } });
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'], attempt: 0 });
  });

  it('comes before an approver again with every other reason, which no approver has seen', async () => {
    const unattested = { ...MONITOR, sources: { ...REGISTRY, [WALLET]: { ...REGISTRY[WALLET], attests: [] } } };
    const world = await monitored(unattested);
    await approve(by(world, 'ann'), world);
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      wait: { waitsFor: ['may-split', 'review'] },
      approvals: [],
    });
    expect(world.refunds.size).toBe(0);
    await approve(by(world, 'ann'), world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('is monitored again where its approved refund was returned and its charge is surplus once more', async () => {
    const world = await monitored();
    deploy(world, {});
    await approve(by(world, 'ann'), world);
    await world.deliver(voided(one.charge, { timeMs: START_MS + MINUTE }));
    expect(await world.work('two')).toMatchObject({ status: 'dismissed' });
    await world.deliver(captured(one.charge, { timeMs: START_MS + 2 * MINUTE }));
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored', action: 'monitor', attempt: 1 });
    await world.work('two');
    expect(world.refunds.size).toBe(0);
  });

  it('is monitored again where its approved refund failed and its charge is surplus once more', async () => {
    const world = await monitored();
    deploy(world, {});
    await approve(by(world, 'ann'), world);
    world.processor.refuses = true;
    expect(await world.work('two')).toMatchObject({ status: 'failed' });
    world.processor.refuses = false;
    await world.deliver(voided(one.charge, { timeMs: START_MS + MINUTE }));
    expect(await world.work('two')).toMatchObject({ status: 'dismissed' });
    await world.deliver(captured(one.charge, { timeMs: START_MS + 2 * MINUTE }));
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored', action: 'monitor' });
    expect(world.refunds.size).toBe(0);
  });

  it('takes two approvers above the amount that does', async () => {
    const world = await monitored({ ...MONITOR, refunds: { twoPeopleAboveMinor: { CNY: 1 } } });
    expect(await approve(by(world, 'ann'), world)).toMatchObject({ kind: 'needs-another' });
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored' });
    expect(await approve(by(world, 'bob'), world)).toMatchObject({ kind: 'done' });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it.each<[string, Parameters<typeof configuration>[0]]>([
    ['its source has no gateway', { sources: { ...REGISTRY, [WALLET]: { ...REGISTRY[WALLET], gateway: undefined } } }],
    ['its source has left the registry', { sources: { '/other': REGISTRY[WALLET] } }],
  ])('cannot be approved where %s', async (_, after) => {
    const world = await monitored();
    deploy(world, after);
    expect(await approve(by(world, 'ann'), world)).toEqual({ kind: 'refused', reason: 'no-gateway' });
    expect(world.flagOn('two')).toMatchObject({ status: 'monitored', approvals: [] });
  });
});
