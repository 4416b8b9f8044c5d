import { expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { record } from '../../../core/refunds/record.ts';
import { captured, charge, disputed, MINUTE, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

it('a dispute upon the next attempt is notified, though one came upon the attempt before', async () => {
  const world = refundWorld(configuration());
  const two = charge({ chargeId: 'two' });
  const dispute = (state: 'open' | 'merchant', minute: number) =>
    world.deliver(disputed(two, state, { timeMs: START_MS + minute * MINUTE }));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two));
  const first = { flagId: world.flagOn('two').id, attempt: 0 };
  await claim(first, world);
  await dispute('open', 1);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding', contested: true });
  await record({ ...first, outcome: { kind: 'failed', reason: 'it is disputed' } }, world);
  await world.work('two');
  await dispute('merchant', 2);
  expect(world.flagOn('two')).toMatchObject({ status: 'open' });
  expect(world.flagOn('two').contested).toBeUndefined();

  await claim({ ...first, attempt: world.flagOn('two').attempt }, world);
  await dispute('open', 3);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding', contested: true });
});

it('a hold of the next attempt ends by itself as the first one did, when its charge is surplus no more', async () => {
  const world = refundWorld(configuration());
  const two = charge({ chargeId: 'two', order: 'o_2' });
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two));
  await world.deliver(disputed(two, 'open', { timeMs: START_MS + MINUTE }));
  expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'disputed' });
  await world.deliver(disputed(two, 'merchant', { timeMs: START_MS + 2 * MINUTE }));
  expect(await world.work('two')).toMatchObject({ status: 'held', attempt: 1 });

  await world.deliver(voided(two));
  expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'released', attempt: 1 });
});
