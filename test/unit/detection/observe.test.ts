import { describe, expect, it } from 'vitest';
import { asFingerprint } from '../../../core/brands.ts';
import { type ChargeWindow, ENTRIES_MAX, emptyWindow, entryOf } from '../../../core/detection/charge-window.ts';
import { dispute, observe, refundByOthers, release } from '../../../core/detection/transitions.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { detector } from '../../fixtures/configurations.ts';

const SAME_ORDER = detector('same-order');
const empty = emptyWindow('same-order', asFingerprint('window-1'));
const [first, second, third] = ['ch_1', 'ch_2', 'ch_3'].map((chargeId) => charge({ chargeId })) as [
  Charge,
  Charge,
  Charge,
];

/** All at one moment, unless the test says when. */
function at(timeMs = START_MS, nowMs = timeMs) {
  return { timeMs, nowMs, arrivedMs: nowMs };
}

function see(window: ChargeWindow, of: Charge, when = at()) {
  return observe(window, SAME_ORDER, { charge: of, ...when });
}

function withCharges(...charges: readonly Charge[]): ChargeWindow {
  return charges.reduce((window, of) => see(window, of).window, empty);
}

describe('observe', () => {
  it.each([
    ['to the millisecond at the end of the window', 24 * HOUR, 'duplicate'],
    ['one millisecond beyond it', 24 * HOUR + 1, 'original'],
    ['to the millisecond before the first, arriving late', -24 * HOUR, 'duplicate'],
    ['one millisecond further before', -24 * HOUR - 1, 'original'],
  ])('judges a charge %s', (_, awayMs, kind) => {
    const { outcome } = see(withCharges(first), second, at(START_MS + awayMs, START_MS + DAY));
    expect(outcome).toMatchObject({ kind: 'judged', verdict: { kind }, replay: false });
  });

  it.each<[string, Partial<Charge>, Partial<Charge>, string]>([
    ['another amount', {}, { amountMinor: 1 }, 'original'],
    ['another currency', {}, { currency: 'JPY' }, 'original'],
    ['another part', { part: 'deposit' }, { part: 'balance' }, 'original'],
    ['a part where the other has none', {}, { part: 'deposit' }, 'original'],
    ['the same part', { part: 'deposit' }, { part: 'deposit' }, 'duplicate'],
    ['another payer and instrument', {}, { payer: 'p_2', instrument: 'tok_2' }, 'duplicate'],
  ])('meets a charge with %s as it should', (_, a, b, kind) => {
    const { outcome } = see(withCharges({ ...first, ...a }), { ...second, ...b });
    expect(outcome).toMatchObject({ verdict: { kind } });
  });

  it('gives the cluster of the lowest sequence, whatever place its entry has', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((chargeId) => charge({ chargeId })) as [
      Charge,
      Charge,
      Charge,
      Charge,
    ];
    // The dispute of b comes before all captures, so its entry is the first, though its capture is the second.
    let window = dispute(empty, SAME_ORDER, { charge: b, open: true, ...at() }).window;
    window = see(window, a, at(START_MS)).window;
    window = see(window, b, at(START_MS + 30 * HOUR)).window;
    expect(see(window, c, at(START_MS + 15 * HOUR)).outcome).toMatchObject({
      verdict: { original: { chargeId: 'a' } },
    });
    expect(see(window, d, at(START_MS + 31 * HOUR)).outcome).toMatchObject({
      verdict: { original: { chargeId: 'b' } },
    });
  });

  it('gives the original of a duplicate that it meets, over a chain longer than the window', () => {
    const chain = see(
      see(see(empty, first).window, second, at(START_MS + 20 * HOUR)).window,
      third,
      at(START_MS + 40 * HOUR),
    );
    expect(chain.outcome).toMatchObject({ verdict: { kind: 'duplicate', original: { chargeId: 'ch_1' } } });
  });

  it('answers a known charge with the verdict that it got, and changes nothing', () => {
    const window = withCharges(first, second);
    const again = see(
      release(window, SAME_ORDER, { charge: first, ...at() }).window,
      second,
      at(START_MS, START_MS + DAY),
    );
    expect(again.outcome).toMatchObject({
      replay: true,
      verdict: { kind: 'duplicate', original: { chargeId: 'ch_1' } },
    });
    expect(see(window, second).window).toBe(window);
  });

  it.each<[string, Partial<Charge>]>([
    ['another amount', { amountMinor: 1 }],
    ['another currency', { currency: 'JPY' }],
  ])('is a conflict when a known charge comes again with %s, and its verdict stays', (_, change) => {
    const window = withCharges(first, second);
    const step = see(window, { ...second, ...change });
    expect(step.outcome.kind).toBe('conflict');
    expect(step.window).toBe(window);
  });

  it.each<[string, (window: ChargeWindow) => ChargeWindow, string]>([
    ['voided', (window) => release(window, SAME_ORDER, { charge: first, ...at() }).window, 'original'],
    ['refunded in full', (window) => refund(window, first, 12_900), 'original'],
    ['refunded in part', (window) => refund(window, first, 12_899), 'duplicate'],
    ['disputed', (window) => dispute(window, SAME_ORDER, { charge: first, open: true, ...at() }).window, 'duplicate'],
    ['lost to its payer', (window) => disputeWon(window, 'payer'), 'original'],
    ['won by its merchant', (window) => disputeWon(window, 'merchant'), 'duplicate'],
  ])('meets a charge that was %s or does not', (_, change, kind) => {
    expect(see(change(withCharges(first)), second).outcome).toMatchObject({ verdict: { kind } });
  });

  it.each([
    ['in time', HOUR, false, undefined],
    ['late by a millisecond', HOUR + 1, true, undefined],
    ['as old as is remembered', 15 * DAY, true, undefined],
    ['stale', 15 * DAY + 1, true, true],
  ])('marks a charge that is %s, and judges it all the same', (_, ageMs, late, stale) => {
    const { outcome, window } = see(empty, first, at(START_MS, START_MS + ageMs));
    expect(outcome).toMatchObject({ verdict: { kind: 'original' }, late });
    expect(entryOf(window, first)?.captured?.stale).toBe(stale);
  });

  it('does not take a duplicate of the very charge for its original', () => {
    const decided = { kind: 'duplicate', original: first, detector: 'stronger' } as const;
    const window = observe(empty, SAME_ORDER, { charge: second, decided, ...at() }).window;
    expect(see(window, first).outcome).toMatchObject({ verdict: { kind: 'original' } });
  });

  it('quarantines what comes to a full window, but not what it knows', () => {
    const many = Array.from({ length: ENTRIES_MAX }, (_, n) => charge({ chargeId: `ch_${n}` }));
    const entries = many.map((of, seq) => ({
      source: of.source,
      chargeId: of.chargeId,
      captured: { seq, timeMs: START_MS, charge: of, verdict: { kind: 'original' as const } },
    }));
    const full = { ...empty, entries, version: 1 };
    expect(see(full, charge({ chargeId: 'one more' })).outcome.kind).toBe('overflow');
    expect(see(full, many[7] ?? first).outcome).toMatchObject({ kind: 'judged', replay: true });
  });

  it('quarantines what comes to a window of 200 KB', () => {
    const long = Array.from({ length: 600 }, (_, n) => charge({ chargeId: `${n}-${'x'.repeat(240)}` }));
    const kinds = new Set<string>();
    let window = empty;
    for (const of of long) {
      const step = see(window, of);
      kinds.add(step.outcome.kind);
      window = step.window;
    }
    expect([...kinds]).toEqual(['judged', 'overflow']);
    expect(JSON.stringify(window.entries).length).toBeLessThan(210 * 1024);
  });
});

function refund(window: ChargeWindow, of: Charge, refundedTotalMinor: number): ChargeWindow {
  return refundByOthers(window, SAME_ORDER, { charge: of, refundedTotalMinor, ...at() }).window;
}

function disputeWon(window: ChargeWindow, wonBy: 'merchant' | 'payer'): ChargeWindow {
  return dispute(window, SAME_ORDER, { charge: first, open: false, wonBy, ...at() }).window;
}
