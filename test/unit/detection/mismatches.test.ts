import { describe, expect, it } from 'vitest';
import { EVIDENCE_MS, emptyRecord, UNCAPTURED_MS } from '../../../core/detection/charge-record.ts';
import type { ChargeView } from '../../../core/detection/charge-view.ts';
import { hasMismatch } from '../../../core/detection/mismatches.ts';
import { adjust, release, repeat } from '../../../core/detection/record-transitions.ts';
import type { ToldCharge } from '../../../core/events/payment-event.ts';
import { AMOUNT_MINOR, charge, START_MS } from '../../fixtures/charges.ts';
import { permutations } from '../../fixtures/permutations.ts';
import { type Change, changed, EMPTY_VIEW, idOf, see, viewed, viewOf } from '../../fixtures/views.ts';

const first = charge({ chargeId: 'ch_1' });

function recordOf(view: ChargeView) {
  return viewed(view, first).record;
}

describe('what an event repeats of its charge', () => {
  const kind = 'charge.voided';
  const told =
    (shows: Partial<ToldCharge>): Change =>
    (view) =>
      changed(first, (record) => repeat(record, { kind, atMs: START_MS + 1, ...shows }, START_MS))(view);
  const adjustedTo =
    (amountMinor: number): Change =>
    (view) =>
      changed(first, (record) => adjust(record, { amountMinor, currency: 'CNY', atMs: START_MS }, START_MS))(view);
  const isMismatched = (...changes: readonly Change[]) => {
    const both = [
      viewOf([first], ...changes),
      see(
        changes.reduce((view, change) => change(view), EMPTY_VIEW),
        first,
      ).view,
    ].map((view) => hasMismatch(viewed(view, first).record));
    expect(new Set(both).size).toBe(1);
    return both[0];
  };

  it.each<[string, Partial<ToldCharge>, boolean]>([
    ['nothing', {}, false],
    ['all of it', first, false],
    ['its amount alone', { amountMinor: AMOUNT_MINOR, currency: 'CNY' }, false],
    ['another merchant', { merchant: 'm_2' }, true],
    ['another payer', { payer: 'p_2' }, true],
    ['another order', { order: 'o_2' }, true],
    ['another amount', { amountMinor: 1, currency: 'CNY' }, true],
    ['another currency', { amountMinor: AMOUNT_MINOR, currency: 'JPY' }, true],
    ['another instrument, to which it went back', { instrument: 'tok_2' }, false],
  ])('is compared with the capture, whichever comes first: %s', (_, shows, expected) => {
    expect(isMismatched(told(shows))).toBe(expected);
  });

  it('may be an amount that the charge comes to have', () => {
    const amount = told({ amountMinor: 7, currency: 'CNY' });
    for (const order of permutations([amount, adjustedTo(7)])) expect(isMismatched(...order)).toBe(false);
  });

  it('adds what the capture has left open, and what differs from that is a mismatch', () => {
    const { payer: _, ...guest } = first;
    const of = (...changes: readonly Change[]) => recordOf(viewOf([guest], ...changes));
    expect(of(told({ payer: 'p_9' })).completed).toEqual({ payer: 'p_9' });
    expect(of(told({ payer: 'p_9' }), told({ payer: 'p_8' })).mismatches).toEqual([
      { field: 'payer', kind, atMs: START_MS + 1 },
    ]);
  });

  it('is noted once a field, without its value', () => {
    const record = recordOf(viewOf([first], told({ payer: 'p_2' }), told({ payer: 'p_3' })));
    expect(record.mismatches).toEqual([{ field: 'payer', kind, atMs: START_MS + 1 }]);
  });

  it('stays bounded, and what no adjustment can explain any more is a mismatch for ever', () => {
    const amounts = Array.from({ length: 20 }, (_, n) => told({ amountMinor: n + 1, currency: 'CNY' }));
    const record = recordOf(viewOf([first], ...amounts));
    expect(record.mismatches).toHaveLength(9);
    expect(record.mismatches?.at(-1)).toEqual({ field: 'amount', kind, atMs: START_MS + 1 });
    const early = see(
      amounts.reduce((view, change) => change(view), EMPTY_VIEW),
      first,
    ).view;
    expect(hasMismatch(viewed(early, first).record)).toBe(true);
    expect(recordOf(early).repeated).toBeUndefined();
  });
});

describe('a release that a telling of the capture overrides', () => {
  const released =
    (how: 'voided' | 'failed', at: number): Change =>
    (view) =>
      changed(first, (record) => release(record, { kind: how, timeMs: START_MS + at, nowMs: START_MS }))(view);
  const retold: Change = (view) => see(view, first, { timeMs: START_MS + 10 }).view;

  it.each<[string, readonly Change[], boolean]>([
    ['a void', [released('voided', 5), retold], true],
    ['a void, and a failure that came after it', [released('voided', 5), released('failed', 6), retold], true],
    ['a failure of the captured charge', [released('failed', 5), retold], true],
    ['a failure before the first telling, which is a first try', [released('failed', -5), retold], false],
    ['a void before the first telling', [released('voided', -5)], true],
  ])('is a mismatch or none, in any order of arrival: %s', (_, changes, expected) => {
    for (const order of permutations(changes)) {
      expect(hasMismatch(viewed(viewOf([first], ...order), first).record)).toBe(expected);
    }
  });
});

describe('facts before their capture', () => {
  it('live for 30 days, and for half a year once it has come', () => {
    const alone = changed(first, (record) => release(record, { timeMs: START_MS, nowMs: START_MS }))(EMPTY_VIEW);
    expect(alone.records.get(idOf(first))?.expiresAtMs).toBe(START_MS + UNCAPTURED_MS);
    expect(recordOf(see(alone, first).view).expiresAtMs).toBe(START_MS + EVIDENCE_MS);
  });

  it('of an event that says nothing of its charge leave no record', () => {
    const empty = emptyRecord(idOf(first), first);
    expect(repeat(empty, { kind: 'charge.voided', atMs: START_MS }, START_MS)).toBe(empty);
  });
});
