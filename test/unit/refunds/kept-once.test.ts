import { expect, it } from 'vitest';
import { keep } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, MINUTE, orderClosed, START_MS } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

it('a charge kept by whoever died before the flag knew is not given back unseen when its order closes unpaid', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  expect(world.flagOn('two')).toMatchObject({ status: 'open', action: 'refund' });
  const dying = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  const decision = { flagId: world.flagOn('two').id, by: 'ann', reason: 'both are meant' };
  await expect(keep(decision, { ...world, cases: dying })).rejects.toThrow('died');

  await world.deliver(orderClosed('unpaid', { timeMs: START_MS + MINUTE }));

  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['review'] } });
  expect(world.refunds.size).toBe(0);
});

it('a kept charge that is only monitored stays monitored when its order is closed unpaid', async () => {
  const world = refundWorld(configuration({ detectors: [{ ...SAME_ORDER, action: 'monitor' }, RAPID_REPEAT] }));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  await keep({ flagId: world.flagOn('two').id, by: 'ann', reason: 'meant' }, world);
  expect(world.flagOn('two')).toMatchObject({ status: 'kept' });
  await world.deliver(orderClosed('unpaid', { timeMs: START_MS + 1 }));
  expect(world.flagOn('two')).toMatchObject({ status: 'monitored', action: 'monitor' });
});
