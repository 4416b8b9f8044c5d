import { expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { type ReverseContext, reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

/** Waits are numbered from 0: the ninth is the last. */
const LAST_ASK = 9;

it('marks a refund as unanswered after the last request without an outcome, once', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  await claim(attempt, world);
  const silent: ReverseContext = {
    ...world,
    gatewayOf: (source) => ({
      ...world.gatewayOf(source),
      reverse: async () => ({ kind: 'unknown', reason: 'no answer' }),
    }),
  };
  const { version } = world.flagOn('two');

  expect(await reverse({ ...attempt, asked: LAST_ASK - 1 }, silent)).toMatchObject({ next: 'ask', asked: LAST_ASK });
  expect(world.flagOn('two')).not.toHaveProperty('unanswered');
  expect(await reverse({ ...attempt, asked: LAST_ASK }, silent)).toMatchObject({ next: 'end' });
  expect(await reverse({ ...attempt, asked: LAST_ASK }, silent)).toMatchObject({ next: 'end' });
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding', unanswered: true, version: version + 1 });
});
