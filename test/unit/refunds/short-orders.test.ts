import { describe, expect, it } from 'vitest';
import { shortOrdersIn } from '../../../core/detection/short-orders.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import {
  captured,
  charge,
  DAY,
  disputed,
  MINUTE,
  orderClosed,
  refunded,
  START_MS,
  voided,
} from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { claimed, disputedAs, keptAfter, viewOf, voidedAt } from '../../fixtures/views.ts';

const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const three = charge({ chargeId: 'three' });

/** The copy `two` was refunded, and then all of this came. */
async function afterOurRefund(...events: readonly PaymentEvent[]) {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two));
  expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  await world.deliver(...events);
  return world;
}

describe('after our refund of a copy the order is short', () => {
  it.each<[string, PaymentEvent, string]>([
    ['voided', voided(one), 'one was voided or failed'],
    ['refunded by others', refunded(one, one.amountMinor), 'one was refunded by others'],
    ['disputed', disputed(one, 'open'), 'one is disputed'],
    ['lost in a dispute', disputed(one, 'payer'), 'one went back to the payer in a dispute'],
  ])('where the original is %s', async (_, event, why) => {
    const world = await afterOurRefund(event);
    expect(world.flagOn('two').short).toEqual({ sinceMs: world.nowMs(), why });
  });

  it('where it was closed unpaid, we refunded all of it, and it turns out to be paid', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), orderClosed('unpaid', { timeMs: START_MS + MINUTE }));
    expect(await world.work('one')).toMatchObject({ status: 'refunded', restsOn: ['closings'] });
    await world.deliver(orderClosed('paid', { timeMs: START_MS + 2 * MINUTE }));
    expect(world.flagOn('one').short).toMatchObject({ why: 'what stands does not amount to what it owes' });
  });

  it('once, however often its charges fall and stand again', async () => {
    const world = await afterOurRefund(disputed(one, 'open', { timeMs: START_MS + 1 }));
    const { version, short } = world.flagOn('two');
    world.clock.nowMs += MINUTE;
    await world.deliver(disputed(one, 'merchant', { timeMs: START_MS + 2 }), voided(one, { timeMs: START_MS + 3 }));
    expect(world.flagOn('two')).toMatchObject({ version, short });
  });
});

describe('after our refund of a copy the order is not short', () => {
  it('while another charge of it stands', async () => {
    const world = await afterOurRefund(captured(three), voided(one));
    expect(world.flagOn('two').short).toBeUndefined();
  });

  it('while a charge of it is kept', () => {
    const ours = { attempt: 0, state: 'refunded', refundMinor: 1, atMs: START_MS, restsOn: ['approval'] } as const;
    const gone = viewOf([one, two, three], claimed(two, ours), voidedAt(one), voidedAt(three));
    expect(shortOrdersIn(gone)).toMatchObject([{ why: 'one was voided or failed, three was voided or failed' }]);
    const kept = keptAfter(three)(viewOf([one, two, three], claimed(two, ours), voidedAt(one)));
    expect(shortOrdersIn(kept)).toEqual([]);
    expect(shortOrdersIn(disputedAs(three, 'open')(kept))).toMatchObject([{ ids: [expect.anything()] }]);
    expect(shortOrdersIn(claimed(three, ours)(kept))).toMatchObject([{ ids: [expect.anything(), expect.anything()] }]);
  });

  it('where others returned a part of what stands', async () => {
    const world = await afterOurRefund(refunded(one, one.amountMinor - 1));
    expect(world.flagOn('two').short).toBeUndefined();
  });

  it('where what has become of its charges is no longer known', async () => {
    const world = await afterOurRefund();
    world.clock.nowMs += 179 * DAY;
    // A third charge keeps the window; the record of the original has expired.
    await world.deliver(captured(three, { timeMs: START_MS }));
    world.clock.nowMs += 2 * DAY;
    await world.deliver(voided(three));
    expect(world.flagOn('two').short).toBeUndefined();
  });

  it('where the order was closed unpaid', async () => {
    const world = await afterOurRefund(orderClosed('unpaid', { timeMs: START_MS + MINUTE }), voided(one));
    expect(world.flagOn('two').short).toBeUndefined();
  });

  it('before anything of it was refunded', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two), voided(one));
    expect(world.flagOn('two').short).toBeUndefined();
    await world.deliver(voided(two));
    expect(world.flagOn('two').short).toBeUndefined();
  });
});

it('an order is short after the refund of another detector too, where its last charge went later', async () => {
  const world = refundWorld(configuration({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] }));
  const beside = charge({ chargeId: 'beside', order: 'o_2', amountMinor: 5 });
  await world.deliver(captured(one), captured(beside), captured({ ...two, order: 'o_2' }));
  expect(await world.work('two')).toMatchObject({ status: 'refunded', detector: 'rapid-repeat' });
  expect(world.flagOn('two').short).toBeUndefined();
  await world.deliver(voided(beside));
  expect(world.flagOn('two').short).toMatchObject({ why: 'beside was voided or failed' });
});

it('a cluster is short after a refund of its own detector, though another detector decided the first', async () => {
  const world = refundWorld(configuration({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] }));
  const elsewhere = charge({ chargeId: 'elsewhere', order: 'o_0' });
  const rest = charge({ chargeId: 'rest', amountMinor: 1 });
  await world.deliver(captured(elsewhere), captured(one), captured(two), captured(rest));
  expect(await world.work('one')).toMatchObject({ status: 'refunded', detector: 'rapid-repeat' });
  expect(await world.work('two')).toMatchObject({ status: 'dismissed' });
  await world.deliver(captured(three));
  expect(await world.work('three')).toMatchObject({ status: 'refunded', detector: 'same-order' });
  await world.deliver(voided(two, { timeMs: START_MS + MINUTE }));
  expect(world.flagOn('three').short).toMatchObject({ why: 'two was voided or failed' });
  expect(world.flagOn('one').short).toBeUndefined();
});

it('no order is short for a refund that another detector decided: its approver was asked', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured({ ...two, order: 'o_other' }));
  expect(world.flagOn('two').detector).toBe('rapid-repeat');
  const held = await world.work('two');
  expect(held).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order', 'review'] } });
});
