import { expect, it } from 'vitest';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { explainDiscrepancy } from '../../../core/refunds/reconcile.ts';
import { captured, charge, disputed, HOUR, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { reconcile } from '../../fixtures/reconciling.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const two = charge({ chargeId: 'two' });

async function flagged(): Promise<RefundWorld> {
  const world = refundWorld(configuration({ refunds: { limitMinor: { CNY: two.amountMinor - 1 } } }));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two, { timeMs: START_MS + MINUTE }));
  return world;
}

/** The processor lists a refund under the flag's present attempt. */
async function list(world: RefundWorld): Promise<void> {
  const { amountMinor, currency } = two;
  const refund = { source: WALLET, chargeId: 'two', refundId: 're_1', amountMinor, currency, timeMs: world.nowMs() };
  const scope = { sources: new Set([WALLET]), fromMs: START_MS, toMs: START_MS + HOUR };
  const context = { ...world, schemeOf: world.configuration.schemeOf, by: 'audit', dryRun: false };
  await reconcile([{ ...refund, reference: referenceOf(world.flagOn('two')) }], scope, context);
}

const say = (world: RefundWorld) => ({ flagId: world.flagOn('two').id, by: 'ann', reason: 'looked' });

it('a refund that failed for us and that the processor lists is not tried again by itself, whatever a dispute does', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two, { timeMs: START_MS + MINUTE }));
  world.processor.refuses = true;
  expect(await world.work('two')).toMatchObject({ status: 'failed' });
  world.processor.refuses = false;
  await list(world);

  await world.deliver(disputed(two, 'open', { timeMs: START_MS + 2 * MINUTE }));
  expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'disputed' });
  await world.deliver(disputed(two, 'merchant', { timeMs: START_MS + 3 * MINUTE }));

  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['review'] } });
  expect(await approve(say(world), world)).toEqual({ kind: 'refused', reason: 'unreconciled' });
  expect(world.refunds.size).toBe(0);

  await explainDiscrepancy({ flagId: world.flagOn('two').id, by: 'bob', reason: 'it was reversed' }, world);
  await approve(say(world), world);
  expect(await world.work('two')).toMatchObject({ status: 'refunded' });
});

it('what was explained stays explained, though the flag has gone on since', async () => {
  const world = await flagged();
  await world.work('two');
  await list(world);
  await explainDiscrepancy({ flagId: world.flagOn('two').id, by: 'bob', reason: 'it was reversed' }, world);
  await approve(say(world), world);
  await list(world);
  expect(world.flagOn('two')).toMatchObject({ status: 'approved', discrepancy: { resolved: true } });
  expect(await world.work('two')).toMatchObject({ status: 'refunded' });
});

it('what was approved before the list said otherwise is asked again', async () => {
  const world = await flagged();
  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['limit'] } });
  await approve(say(world), world);
  await list(world);
  expect(await world.work('two')).toMatchObject({
    status: 'held',
    wait: { waitsFor: expect.arrayContaining(['review']) },
  });
  expect(world.refunds.size).toBe(0);
});
