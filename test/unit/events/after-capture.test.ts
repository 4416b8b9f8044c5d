import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS } from '../../fixtures/wire-events.ts';

const RULES = configuration();

/** An event that names its charge, and what the test adds. */
function told(type: string, data: Readonly<Record<string, unknown>> = {}, rules = RULES) {
  const time = new Date(WIRE_EVENT_MS).toISOString();
  const event = { specversion: '1.0', id: 'evt_1', source: WALLET, type, time, data: { chargeId: 'ch_1', ...data } };
  return parseEvent(bytesOf(event), WIRE_EVENT_MS, rules);
}

const charge = { source: WALLET, chargeId: 'ch_1' };
const CNY = { currency: 'CNY' };

describe('an event after the capture', () => {
  it.each<[string, Readonly<Record<string, unknown>>, object]>([
    ['charge.failed', {}, {}],
    ['charge.voided', {}, {}],
    ['charge.adjusted', { amount: { value: 7, ...CNY } }, { adjusted: { amountMinor: 7, ...CNY } }],
    ['charge.refunded', { refundedTotal: 7 }, { refundedTotalMinor: 7 }],
    ['charge.refunded', { refundedTotal: 0, refundStatus: 'failed' }, { refundedTotalMinor: 0, isFailed: true }],
    ['charge.refunded', { refundId: 'r_1', refundAmount: 7 }, { refundId: 'r_1', refundMinor: 7 }],
    ['charge.refunded', { refundId: 'r_1', refundStatus: 'failed' }, { refundId: 'r_1', refundMinor: 0 }],
    [
      'charge.refunded',
      { refundId: 'r_1', refundAmount: 7, refundStatus: 'failed' },
      { refundId: 'r_1', refundMinor: 0, isFailed: true },
    ],
    ['charge.disputed', { open: true }, { open: true }],
  ])('needs its charge and its own facts: %s %o', (type, data, facts) => {
    expect(told(type, data)).toMatchObject({ kind: 'event', event: { kind: type, charge, ...facts } });
  });

  it('counts as a total where it tells both', () => {
    const parsed = told('charge.refunded', { refundedTotal: 9, refundId: 'r_1', refundAmount: 7 });
    expect(parsed).toMatchObject({ event: { refundedTotalMinor: 9 } });
    expect(parsed).not.toHaveProperty('event.refundId');
  });

  it('keeps what it repeats, and of an adjustment no amount beside its own', () => {
    const data = { merchant: 'm_9', order: 'o_5', amount: { value: 7, ...CNY } };
    expect(told('charge.voided', data)).toMatchObject({
      event: { charge: { merchant: 'm_9', amountMinor: 7, ...CNY } },
    });
    expect(told('charge.adjusted', data)).not.toHaveProperty('event.charge.amountMinor');
  });

  it.each([{ merchant: ' ' }, { merchant: null }, { merchant: 'N/A' }])('has no merchant where it tells %o', (data) => {
    const parsed = told('charge.voided', data);
    expect(parsed).toMatchObject({ kind: 'event' });
    expect(parsed).toHaveProperty('event.charge.merchant', undefined);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['charge.refunded', {}, /data\.refundedTotal: must be what was refunded in all; or send refundId and refundAmount/],
    ['charge.refunded', { refundId: ' ' }, /data\.refundedTotal/],
    ['charge.refunded', { refundId: 'r_1' }, /data\.refundAmount: must be what the refund with this refundId/],
    ['charge.refunded', { refundId: 'r_1', refundAmount: 0 }, /data\.refundAmount/],
    ['charge.refunded', { refundId: 'NA', refundAmount: 7 }, /data\.refundId: is a placeholder/],
    ['charge.refunded', { refundedTotal: -1 }, /data\.refundedTotal/],
    ['charge.refunded', { refundedTotal: 7, refundStatus: 'pending' }, /data\.refundStatus/],
    ['charge.adjusted', {}, /data\.amount/],
    [
      'charge.adjusted',
      { amount: { value: 0, ...CNY } },
      /at least 1; send charge\.voided where nothing stays captured/,
    ],
    ['charge.captured', { amount: { value: 7, ...CNY } }, /data\.merchant/],
    ['charge.captured', { merchant: 'm_9' }, /data\.amount/],
  ])('is refused with what to send: %s %o', (type, data, detail) => {
    expect(told(type, data)).toMatchObject({ reason: 'schema', detail: expect.stringMatching(detail) });
  });

  it('is checked against the merchants of its source where it names one', () => {
    const rules = configuration({ sources: { [WALLET]: { ...SOURCE, merchants: ['m_9'] } } });
    expect(told('charge.voided', {}, rules)).toMatchObject({ kind: 'event' });
    expect(told('charge.voided', { merchant: 'm_9' }, rules)).toMatchObject({ kind: 'event' });
    expect(told('charge.voided', { merchant: 'm_8' }, rules)).toMatchObject({ reason: 'not-entitled' });
  });

  it('may not have a card number as the id of a refund, and may have an amount that looks like one', () => {
    const visa = 4_111_111_111_111_111;
    expect(told('charge.refunded', { refundId: String(visa), refundAmount: 7 })).toMatchObject({
      reason: 'card-number',
    });
    expect(told('charge.refunded', { refundId: 'r_1', refundAmount: visa })).toMatchObject({ kind: 'event' });
  });
});
