import { expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { record } from '../../../core/refunds/record.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { foundAsTold, refundWorld } from '../../fixtures/refund-world.ts';

/**
 * The processor refuses the second run's call and then accepts the first run's, whose answer is lost. The refusal is
 * recorded first. The first run knows that it has no answer: it must not end in silence while the money may have moved.
 */
it('a run that has no answer does not end in silence where another run has recorded a refusal', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  await claim(attempt, world);
  const lookup = async (of: Parameters<typeof foundAsTold>[0]) => foundAsTold(of);
  const silent = { lookup, reverse: async () => ({ kind: 'unknown', reason: 'no answer' }) as const };
  const asked = await reverse(attempt, { ...world, gatewayOf: () => silent });
  expect(asked).toMatchObject({ next: 'ask' });
  await record({ ...attempt, outcome: { kind: 'failed', reason: 'no balance' } }, world);

  const again = await reverse({ ...attempt, asked: 1 }, world);
  if (again.next === 'record') await record(again, world);
  const flag = world.flagOn('two');
  const isSeen = flag.status === 'refunded' || flag.discrepancy !== undefined;
  expect(isSeen).toBe(true);
  if (flag.status === 'failed') {
    const decision = { flagId: flag.id, by: 'ann', reason: 'try again' };
    expect(await approve(decision, world)).toMatchObject({ kind: 'refused' });
  }
});
