import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { partitionKeyOf } from '../../../core/events/partition-key.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const RULES = configuration();
const AMOUNT = { value: 12_900, currency: 'CNY' };

function parsed(json: unknown) {
  return parseEvent(bytesOf(json), WIRE_EVENT_MS, RULES);
}

function eventOf(json: unknown): PaymentEvent {
  const result = parsed(json);
  if (result.kind === 'rejected') throw new Error(`${result.reason}: ${result.detail}`);
  return result.event;
}

describe('a capture', () => {
  it('needs charge, merchant and amount, and nothing else', () => {
    const data = { chargeId: 'ch_1', merchant: 'm_9', amount: AMOUNT };
    expect(eventOf({ ...wireEvent(), data })).toMatchObject({
      charge: { chargeId: 'ch_1', merchant: 'm_9', amountMinor: 12_900, payer: undefined, payment: undefined },
    });
    for (const field of Object.keys(data)) {
      const detail = expect.stringContaining(`data.${field}`);
      expect(parsed({ ...wireEvent(), data: { ...data, [field]: undefined } })).toMatchObject({
        reason: 'schema',
        detail,
      });
    }
  });

  it('carries the processor’s payment and the total of its order', () => {
    const data = { payment: 'pi_9', orderTotal: { value: 12_901, currency: 'CNY' } };
    expect(eventOf(wireEvent({ data }))).toMatchObject({ charge: { payment: 'pi_9' }, orderTotalMinor: 12_901 });
  });

  it('may be the whole order, and may leave total and payment out', () => {
    expect(eventOf(wireEvent({ data: { orderTotal: AMOUNT } }))).toMatchObject({ orderTotalMinor: 12_900 });
    for (const absent of [null, undefined]) {
      expect(eventOf(wireEvent({ data: { orderTotal: absent, payment: absent } }))).toMatchObject({
        charge: { payment: undefined },
        orderTotalMinor: undefined,
      });
    }
  });

  it.each([
    ['another currency', { value: 99_999, currency: 'EUR' }, 'data.orderTotal.currency: must be the charge'],
    ['less than the charge', { value: 12_899, currency: 'CNY' }, 'data.orderTotal.value: must be at least'],
    ['no money', { value: 0, currency: 'CNY' }, 'data.orderTotal.value'],
    ['a currency that is none', { value: 12_900, currency: 'cny' }, 'data.orderTotal.currency'],
    ['a number alone', 12_900, 'data.orderTotal'],
  ])('is refused with an order total of %s', (_what, orderTotal, field) => {
    const detail = expect.stringContaining(field);
    expect(parsed(wireEvent({ data: { orderTotal } }))).toMatchObject({ reason: 'schema', detail });
  });
});

describe('a closing', () => {
  const closed = (data: object) =>
    wireEvent({ type: 'order.closed', data: { merchant: 'm_9', order: 'o_5', outcome: 'paid', ...data } });

  it('may carry the total of its order', () => {
    expect(eventOf(closed({ total: AMOUNT }))).toMatchObject({ total: { amountMinor: 12_900, currency: 'CNY' } });
    expect(eventOf(closed({ total: null }))).not.toHaveProperty('total');
    expect(parsed(closed({ total: { value: -1, currency: 'CNY' } }))).toMatchObject({
      detail: expect.stringContaining('data.total.value'),
    });
  });
});

describe('the key of a shard', () => {
  it.each([
    ['the payer', {}, 'p_77'],
    ['the order without a payer', { payer: undefined }, 'm_9/o_5'],
    ['the charge without either', { payer: ' ', order: null }, 'ch_1'],
  ])('is %s', (_what, data, key) => {
    expect(partitionKeyOf(eventOf(wireEvent({ data })))).toBe(key);
  });

  it('is the order of a closing, and never longer than Kinesis takes', () => {
    const data = { merchant: 'm'.repeat(200), order: 'o'.repeat(200), outcome: 'paid' };
    const key = partitionKeyOf(eventOf(wireEvent({ type: 'order.closed', data })));
    expect(key).toBe(`${data.merchant}/${data.order}`.slice(0, 256));
  });
});
