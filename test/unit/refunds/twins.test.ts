import { expect, it } from 'vitest';
import { captured, charge, orderClosed, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, SOURCE } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const rules = configuration({
  sources: { [WALLET]: SOURCE },
  detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }],
});
const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two', order: 'o_2', payment: 'pay_2' });
/** The money of `two`, told under another id before it, with the amount of then. */
const intent = charge({ chargeId: 'intent', order: 'o_2', payment: 'pay_2', amountMinor: two.amountMinor - 1 });

it('the only charge of an order empties it, though the order knows it under another id first', async () => {
  const world = refundWorld(rules);
  await world.deliver(captured(one), captured(intent), captured(two));
  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['mismatch', 'empties-order'] } });
});

it('a charge does not cover the total of its order by its own other id', async () => {
  const world = refundWorld(rules);
  const total = { amountMinor: two.amountMinor - 1, currency: two.currency };
  await world.deliver(captured(one), captured(intent), captured(two), orderClosed('paid', { order: 'o_2', total }));
  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['mismatch', 'empties-order'] } });
});
