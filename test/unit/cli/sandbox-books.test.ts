import { describe, expect, test } from 'vitest';
import { SandboxBooks } from '../../../cli/sandbox-books.ts';
import type { Charge, PaymentEvent } from '../../../core/events/payment-event.ts';

const CHARGE: Charge = { source: '/p', chargeId: 'ch', payer: 'p', merchant: 'm', amountMinor: 500, currency: 'CNY' };
const captured = (charge = CHARGE, timeMs = 0): PaymentEvent => ({
  kind: 'charge.captured',
  eventId: 'e',
  timeMs,
  charge,
});
const voided: PaymentEvent = { kind: 'charge.voided', eventId: 'e', timeMs: 1, charge: CHARGE };
const failed: PaymentEvent = { kind: 'charge.failed', eventId: 'e', timeMs: 1, charge: CHARGE };
const refunded = (refundedTotalMinor: number): PaymentEvent => ({
  kind: 'charge.refunded',
  eventId: 'e',
  timeMs: 1,
  charge: CHARGE,
  refundedTotalMinor,
});
const disputed = (timeMs: number, open: boolean, wonBy?: 'merchant' | 'payer'): PaymentEvent => ({
  kind: 'charge.disputed',
  eventId: 'e',
  timeMs,
  charge: CHARGE,
  open,
  wonBy,
});

function booksOf(events: readonly PaymentEvent[]) {
  const books = new SandboxBooks();
  for (const event of events) books.note(event);
  return books.entries();
}

describe("the sandbox processor's books", () => {
  test.each<[string, readonly PaymentEvent[], object]>([
    ['a capture', [captured()], { state: 'captured', refundedMinor: 0, charge: CHARGE }],
    ['a void before its capture', [voided, captured()], { state: 'voided' }],
    ['a declined attempt that is paid afterwards', [failed, captured(CHARGE, 2)], { state: 'captured' }],
    ['a failure older than the capture, sent after it', [captured(CHARGE, 2), failed], { state: 'captured' }],
    ['a void of the same time as the capture', [voided, captured(CHARGE, 1)], { state: 'voided' }],
    [
      'partial refunds in any order',
      [captured(), refunded(300), refunded(200)],
      { refundedMinor: 300, state: 'captured' },
    ],
    ['a refund beyond the amount', [captured(), refunded(900)], { refundedMinor: 500 }],
    ['an open dispute', [captured(), disputed(5, true)], { state: 'disputed' }],
    [
      'a dispute that the merchant won',
      [captured(), disputed(9, false, 'merchant'), disputed(5, true)],
      { state: 'captured' },
    ],
    ['a dispute that the payer won', [captured(), disputed(5, true), disputed(9, false, 'payer')], { state: 'voided' }],
    [
      'open and closed at one time',
      [captured(), disputed(5, true), disputed(5, false, 'payer')],
      { state: 'disputed' },
    ],
    ['a second capture of another amount', [captured(), captured({ ...CHARGE, amountMinor: 7 })], { charge: CHARGE }],
  ])('know %s', (_, events, entry) => {
    expect(booksOf(events)).toMatchObject([entry]);
  });

  test('know nothing of a charge that was never captured', () => {
    expect(booksOf([voided])).toEqual([]);
  });

  test('keep the same charge id of two processors apart', () => {
    expect(booksOf([captured(), captured({ ...CHARGE, source: '/other' })])).toHaveLength(2);
  });
});
