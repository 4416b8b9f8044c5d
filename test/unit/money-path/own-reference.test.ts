import { expect, it } from 'vitest';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { record } from '../../../core/refunds/record.ts';
import { captured, charge, MINUTE, refunded, refundedOnce, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const two = charge({ chargeId: 'two' });

async function claimed() {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  await claim(attempt, world);
  const told = refunded(two, two.amountMinor, {
    timeMs: START_MS + MINUTE,
    reference: referenceOf(world.flagOn('two')),
  });
  return { world, attempt, told };
}

it('our own reference on the stream ends a refund without an answer', async () => {
  const { world, told } = await claimed();
  await world.deliver(told);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunded' });
});

it('a refund that failed for us and that the stream tells of under our reference is not tried again', async () => {
  const { world, attempt, told } = await claimed();
  await record({ ...attempt, outcome: { kind: 'failed', reason: 'no balance' } }, world);
  await world.deliver(told);
  const decision = { flagId: attempt.flagId, by: 'ann', reason: 'try again' };
  expect(await approve(decision, world)).toMatchObject({ kind: 'refused' });
  await world.work('two');
  expect(world.refunds.size).toBe(0);
});

it('an answer that comes after the processor has reported the refund as failed changes nothing', async () => {
  const { world, attempt } = await claimed();
  const reference = referenceOf(world.flagOn('two'));
  const refund = { refundId: 're_1', reference };
  await world.deliver(
    refundedOnce(two, { ...refund, refundMinor: two.amountMinor, timeMs: START_MS + MINUTE }),
    refundedOnce(two, { ...refund, refundMinor: 0, timeMs: START_MS + 2 * MINUTE }),
  );
  const before = world.flagOn('two');
  expect(before).toMatchObject({ status: 'failed' });
  await record({ ...attempt, outcome: { kind: 'refunded', processorReference: 're_1' } }, world);
  expect(world.flagOn('two')).toEqual(before);
  expect(world.records.all().find(({ id }) => id === before.id)?.ours).toMatchObject({ state: 'failed' });
});
