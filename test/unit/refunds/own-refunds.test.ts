import { describe, expect, it } from 'vitest';
import { raiseFlags } from '../../../core/cases/raise-flags.ts';
import { returnedByOthersMinor } from '../../../core/detection/charge-amounts.ts';
import { readViews } from '../../../core/detection/read-views.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge, MINUTE, refunded, refundedOnce, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { permutations } from '../../fixtures/permutations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const RULES = configuration({ sources: { [WALLET]: { ...UNATTESTED, attests: ['single-charge'] } } });
const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const KIM = { by: 'kim', reason: 'the payer called' };

/** Two charges of one order, and the workflow of the second one until it waits or ends. */
async function worldOf(answer: 'refunded' | 'refused' | 'unknown'): Promise<RefundWorld> {
  const world = refundWorld(RULES);
  const { gatewayOf } = world;
  if (answer === 'unknown') {
    const silent = { reverse: async () => ({ kind: 'unknown', reason: 'no answer' }) as const };
    Object.assign(world, { gatewayOf: (source: string) => ({ ...gatewayOf(source), ...silent }) });
  }
  world.processor.refuses = answer === 'refused';
  await world.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
  await world.work('two');
  return world;
}

/** The processor's event about our refund of the second charge. */
function reported(world: RefundWorld, how: 'succeeded' | 'failed', minutes = 5, attempt = 0): PaymentEvent {
  const { id } = world.flagOn('two');
  const refundMinor = how === 'failed' ? 0 : two.amountMinor;
  const timeMs = START_MS + minutes * MINUTE;
  return refundedOnce(two, { refundId: 're_1', refundMinor, timeMs, reference: referenceOf({ id, attempt }) });
}

const oursOf = (world: RefundWorld) => world.records.all().find(({ chargeId }) => chargeId === 'two')?.ours;

describe('an event of the processor by our own reference', () => {
  it('ends a refund whose answer is unknown, and no gateway is asked again', async () => {
    const world = await worldOf('unknown');
    expect(world.flagOn('two').status).toBe('refunding');
    await world.deliver(reported(world, 'succeeded'));
    expect(world.flagOn('two')).toMatchObject({ status: 'refunded', processorReference: 're_1' });
    expect(oursOf(world)).toMatchObject({ state: 'refunded' });
    const { id: flagId } = world.flagOn('two');
    expect(await reverse({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'end' });
  });

  it('ends as failed a refund whose answer is unknown', async () => {
    const world = await worldOf('unknown');
    await world.deliver(reported(world, 'failed'));
    expect(world.flagOn('two')).toMatchObject({ status: 'failed' });
    expect(oursOf(world)).toMatchObject({ state: 'failed' });
  });

  it.each<[string, (world: RefundWorld) => PaymentEvent]>([
    ['says that it failed', (world) => reported(world, 'failed')],
    [
      'has a total without it',
      (world) => refunded(two, 0, { timeMs: START_MS + 5 * MINUTE, reference: referenceOf(world.flagOn('two')) }),
    ],
  ])('opens a refund that was done to an approver where it %s', async (_, event) => {
    const world = await worldOf('refunded');
    expect(world.flagOn('two').status).toBe('refunded');
    await world.deliver(event(world));
    expect(world.flagOn('two')).toMatchObject({ status: 'failed', approvals: [] });
    expect(world.cases.allCases().map(({ status }) => status)).toEqual(['open']);
    await approve({ flagId: world.flagOn('two').id, ...KIM }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
    expect([...world.refunds.values()]).toEqual([two.amountMinor, two.amountMinor]);
  });

  it('changes nothing where it agrees, and where it comes twice', async () => {
    const world = await worldOf('refunded');
    const before = [world.flagOn('two'), oursOf(world)];
    await world.deliver(reported(world, 'succeeded'), reported(world, 'succeeded'));
    expect([world.flagOn('two'), oursOf(world)]).toEqual(before);
  });

  it('is a discrepancy where the refund had failed: no approval lets another one go', async () => {
    const world = await worldOf('refused');
    expect(world.flagOn('two').status).toBe('failed');
    await world.deliver(reported(world, 'succeeded'));
    expect(world.flagOn('two')).toMatchObject({ status: 'failed', discrepancy: { what: 'not-known' } });
    expect(oursOf(world)).toMatchObject({ state: 'refunded' });
    world.processor.refuses = false;
    await approve({ flagId: world.flagOn('two').id, ...KIM }, world);
    await world.work('two');
    expect([...world.refunds.values()]).toEqual([]);
  });

  it.each([
    ['succeeded', 'failed'],
    ['failed', 'succeeded'],
  ] as const)('%s, then %s: the latest event time holds in each order of arrival', async (first, second) => {
    const ends = permutations([first, second]).map(async (order) => {
      const world = await worldOf('unknown');
      for (const how of order) await world.deliver(reported(world, how, how === first ? 5 : 6));
      return oursOf(world)?.state;
    });
    expect(await Promise.all(ends)).toEqual(ends.map(() => (second === 'failed' ? 'failed' : 'refunded')));
  });

  it('holds as done where a success and a failure have one time', async () => {
    for (const order of permutations(['succeeded', 'failed'] as const)) {
      const world = await worldOf('unknown');
      for (const how of order) await world.deliver(reported(world, how));
      expect(oursOf(world)?.state).toBe('refunded');
    }
  });

  it('is not counted again where the success of an attempt that failed since comes twice', async () => {
    const world = await worldOf('refunded');
    await world.deliver(reported(world, 'failed', 6));
    await approve({ flagId: world.flagOn('two').id, ...KIM }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
    await world.deliver(reported(world, 'succeeded', 5));
    const record = world.records.all().find(({ chargeId }) => chargeId === 'two');
    expect(record && returnedByOthersMinor(record)).toBe(0);
    await world.deliver(reported(world, 'failed', 8, 1));
    expect(world.flagOn('two')).toMatchObject({ status: 'failed', attempt: 1 });
  });

  it('counts as returned by others where it names an attempt that is not the last', async () => {
    const world = refundWorld(configuration({ sources: { [WALLET]: UNATTESTED } }));
    await world.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
    await world.work('two');
    await world.deliver(reported(world, 'succeeded', 5, 7));
    await approve({ flagId: world.flagOn('two').id, ...KIM }, world);
    expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'released' });
  });
});

it('a worker that read the record before the next attempt leaves that attempt alone', async () => {
  const world = await worldOf('refunded');
  await world.deliver(reported(world, 'failed'));
  const { id: flagId, windows } = world.flagOn('two');
  const before = await readViews(
    windows.map(({ fingerprint }) => fingerprint),
    world,
  );
  await approve({ flagId, ...KIM }, world);
  expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
  await raiseFlags(before, 'system:detect', world);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunded', attempt: 1 });
});
