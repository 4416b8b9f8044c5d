import { describe, expect, it } from 'vitest';
import { answerOf, type BookedCharge, lookupOf } from '../../../adapters/gateways/sandbox-books.ts';
import { charge } from '../../fixtures/charges.ts';

const REQUEST = {
  charge: charge({ chargeId: 'ch_1' }),
  refundMinor: 12_900,
  idempotencyKey: 'f1-0',
  reference: 'onecharge-f1-0',
};
const CAPTURED: BookedCharge = { state: 'captured', currency: 'CNY', amountMinor: 12_900, refundedMinor: 0 };

const first = (behaviour: string | undefined, shows: Partial<BookedCharge> = {}) =>
  answerOf({ refund: undefined, charge: { ...CAPTURED, behaviour, ...shows }, behaviour: undefined }, REQUEST);

describe('the sandbox processor', () => {
  it.each([
    [undefined, 'refunded', 'refunded', { state: 'captured', refundedMinor: 12_900 }],
    ['refunds', 'refunded', 'refunded', { state: 'captured', refundedMinor: 12_900 }],
    ['times-out-after-success', 'unknown', 'refunded', { state: 'captured', refundedMinor: 12_900 }],
    ['fails', 'failed', 'failed', undefined],
    ['disputed', 'failed', 'failed', undefined],
    ['reversed-externally', 'reversed-externally', 'reversed-externally', { state: 'voided', refundedMinor: 0 }],
    ['pending:3', 'pending', 'pending', undefined],
  ])('instructed to %s answers %s and books %s', (behaviour, outcome, refund, after) => {
    const answer = first(behaviour);
    expect([answer.outcome.kind, answer.refund?.state, answer.charge]).toEqual([outcome, refund, after]);
  });

  it.each([
    ['a dispute', { state: 'disputed' }, 'failed'],
    ['a void', { state: 'voided' }, 'reversed-externally'],
    ['a refund by others', { refundedMinor: 12_900 }, 'reversed-externally'],
    ['less room than asked for', { refundedMinor: 1 }, 'failed'],
    ['another amount', { amountMinor: 12_901 }, 'failed'],
    ['another currency', { currency: 'JPY' }, 'failed'],
  ] as const)('is bound by %s, whatever its instruction', (_, shows, kind) => {
    for (const behaviour of [undefined, 'times-out-after-success', 'pending:1']) {
      const answer = first(behaviour, shows);
      expect([answer.outcome.kind, answer.charge]).toEqual([kind, undefined]);
    }
  });

  it('voids what is not settled', () => {
    expect(first(undefined, { state: 'authorized' }).charge).toEqual({ state: 'voided', refundedMinor: 0 });
  });

  it('says again what it said for good, whatever has become of the charge', () => {
    const books = { charge: { ...CAPTURED, state: 'voided' as const }, behaviour: 'fails' };
    expect(answerOf({ ...books, refund: { state: 'refunded' } }, REQUEST)).toEqual({
      outcome: { kind: 'refunded', processorReference: 'sandbox-f1-0' },
    });
    expect(answerOf({ ...books, refund: { state: 'failed', reason: 'so' } }, REQUEST)).toEqual({
      outcome: { kind: 'failed', reason: 'so' },
    });
  });

  it('follows the charge before the default', () => {
    const books = { refund: undefined, charge: { ...CAPTURED, behaviour: 'refunds' } };
    expect(answerOf({ ...books, behaviour: 'fails' }, REQUEST).outcome.kind).toBe('refunded');
    expect(first(undefined).outcome.kind).toBe('refunded');
  });

  it('names its behaviours when it is given another', () => {
    expect(() => first('explode')).toThrow('"explode"; it knows refunds, fails, disputed, reversed-externally');
  });
});

describe('a lookup in the books of the sandbox', () => {
  const KEY = 'charge#w#ch_1';

  it('finds a movement of its own for each charge, unless the books name one', () => {
    expect(lookupOf(CAPTURED, KEY)).toMatchObject({ kind: 'found', movement: KEY, refundableMinor: 12_900 });
    expect(lookupOf({ ...CAPTURED, movement: 'payment#w#1' }, KEY)).toMatchObject({ movement: 'payment#w#1' });
  });

  it.each([
    ['captured', 8_000],
    ['authorized', 8_000],
    ['voided', 0],
    ['disputed', 0],
  ] as const)('finds what can be returned of a charge that is %s', (state, refundableMinor) => {
    expect(lookupOf({ ...CAPTURED, state, refundedMinor: 4_900 }, KEY)).toMatchObject({ refundableMinor });
  });

  it('does not find what is not booked', () => {
    expect(lookupOf(undefined, KEY)).toEqual({ kind: 'not-found' });
  });
});
