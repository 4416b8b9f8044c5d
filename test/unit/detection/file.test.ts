import { describe, expect, it } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import { EVIDENCE_MS } from '../../../core/detection/charge-record.ts';
import type { ChargeView } from '../../../core/detection/charge-view.ts';
import { ENTRIES_MAX, entryOf } from '../../../core/detection/charge-window.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { charge, DAY, HOUR, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { claimIn } from '../../fixtures/claims.ts';
import {
  type Change,
  claimed,
  closedAs,
  disputedAs,
  EMPTY_VIEW,
  idOf,
  keptAfter,
  refundedByOthers,
  see,
  totalled,
  viewOf,
  voidedAt,
} from '../../fixtures/views.ts';

const [first, second, third] = ['ch_1', 'ch_2', 'ch_3'].map((chargeId) => charge({ chargeId })) as [
  Charge,
  Charge,
  Charge,
];
const ORIGINAL = { verdict: { kind: 'original' } };
const COPY_OF_FIRST = { verdict: { kind: 'duplicate', root: idOf(first) } };

describe('file', () => {
  it.each([
    ['one millisecond before the end of the window', 24 * HOUR - 1, 'duplicate'],
    ['at the end of the window', 24 * HOUR, 'original'],
    ['as far before the first, arriving late', -24 * HOUR + 1, 'duplicate'],
    ['one millisecond further before', -24 * HOUR, 'original'],
  ])('judges a charge %s', (_, awayMs, kind) => {
    const { outcome } = see(viewOf([first]), second, { timeMs: START_MS + awayMs, nowMs: START_MS + DAY });
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
    const { outcome } = see(viewOf([{ ...first, ...a }]), { ...second, ...b });
    expect(outcome).toMatchObject({ verdict: { kind } });
  });

  it('gives the original of a duplicate that it meets, as far as the window reaches from the original', () => {
    const two = see(viewOf([first]), second, { timeMs: START_MS + 20 * HOUR }).view;
    const near = see(two, third, { timeMs: START_MS + 24 * HOUR - 1 });
    expect(near.outcome).toMatchObject(COPY_OF_FIRST);
    const far = see(two, third, { timeMs: START_MS + 24 * HOUR });
    expect(far.outcome).toMatchObject(ORIGINAL);
  });

  it('measures a chain whose original is in another window from its first charge here', () => {
    const root = idOf(charge({ chargeId: 'elsewhere' }));
    const decided = { kind: 'duplicate', root, detector: 'stronger' } as const;
    const one = see(EMPTY_VIEW, first, { decided }).view;
    const two = see(one, second, { timeMs: START_MS + 20 * HOUR });
    expect(two.outcome).toMatchObject({ verdict: { kind: 'duplicate', root, detector: 'same-order' } });
    expect(see(two.view, third, { timeMs: START_MS + 30 * HOUR }).outcome).toMatchObject(ORIGINAL);
  });

  it('answers a known charge with the verdict that it got, and changes nothing', () => {
    const view = viewOf([first, second], voidedAt(first));
    const again = see(view, second, { nowMs: START_MS + DAY });
    expect(again.outcome).toMatchObject({ replay: true, ...COPY_OF_FIRST });
    expect(again.view.window).toBe(view.window);
  });

  it.each<[string, Change]>([
    ['voided', voidedAt(first)],
    ['refunded in full', refundedByOthers(first, 12_900)],
    ['refunded in part', refundedByOthers(first, 12_899)],
    ['disputed', disputedAs(first, 'open')],
    ['lost to its payer', disputedAs(first, 'payer')],
    ['kept', keptAfter(first)],
    ['refunded by us', claimed(first, claimIn('refunded'))],
    ['reversed by others', claimed(first, claimIn('reversed-externally'))],
  ])('meets a charge whatever became of it: %s', (_, change) => {
    expect(see(change(viewOf([first])), second).outcome).toMatchObject(COPY_OF_FIRST);
  });

  it('meets a charge whose record is missing', () => {
    expect(see({ ...viewOf([first]), records: new Map() }, second).outcome).toMatchObject(COPY_OF_FIRST);
  });

  it('does not take a duplicate of the very charge for its original', () => {
    const decided = { kind: 'duplicate', root: idOf(first), detector: 'stronger' } as const;
    const view = see(EMPTY_VIEW, second, { decided }).view;
    expect(see(view, first).outcome).toMatchObject(ORIGINAL);
  });

  it('does not take a copy of its own copy for its original either', () => {
    const decided = { kind: 'duplicate', root: idOf(first), detector: 'stronger' } as const;
    const copy = see(EMPTY_VIEW, second, { decided }).view;
    const copied = { kind: 'duplicate', root: idOf(second), detector: 'stronger' } as const;
    const view = see(copy, third, { decided: copied }).view;
    expect(see(view, first).outcome).toMatchObject(ORIGINAL);
  });

  it('quarantines what comes to a full window, but not what it knows', () => {
    const { window } = viewOf([first]);
    const [entry] = window.entries;
    if (entry === undefined) throw new Error('no entry');
    const others = Array.from({ length: ENTRIES_MAX - 1 }, (_, n) => ({ ...entry, id: asFlagId(`${n}`), seq: n + 1 }));
    const full = { ...viewOf([first]), window: { ...window, entries: [entry, ...others] } };
    expect(see(full, charge({ chargeId: 'one more' })).outcome.kind).toBe('overflow');
    expect(see(full, first).outcome).toMatchObject({ kind: 'judged', replay: true });
  });

  it('takes an order of 400 charges', () => {
    const many = Array.from({ length: 400 }, (_, n) => charge({ chargeId: `ch_${n}` }));
    expect(viewOf(many).window.entries).toHaveLength(400);
  });

  it('quarantines what comes to a window of 200 KB', () => {
    const detector = 'x'.repeat(400);
    const kinds = new Set<string>();
    let view: ChargeView = EMPTY_VIEW;
    for (let n = 0; n < 600; n++) {
      const decided = { kind: 'duplicate', root: idOf(third), detector } as const;
      const step = see(view, charge({ chargeId: `ch_${n}` }), { decided });
      kinds.add(step.outcome.kind);
      view = step.view;
    }
    expect([...kinds]).toEqual(['judged', 'overflow']);
  });
});

describe('a window forgets', () => {
  const later = charge({ chargeId: 'later', amountMinor: 7 });
  const RETAIN = 15 * DAY;
  const wroteAt = (view: ChargeView, nowMs: number) => see(view, later, { timeMs: nowMs }).view.window;

  it('an original alone after `retain`, in the next write', () => {
    expect(entryOf(wroteAt(viewOf([first]), START_MS + RETAIN - 1), idOf(first))).toBeDefined();
    expect(entryOf(wroteAt(viewOf([first]), START_MS + RETAIN), idOf(first))).toBeUndefined();
  });

  it('a late one only when `retain` has passed since it was told', () => {
    const view = see(EMPTY_VIEW, first, { timeMs: START_MS - 30 * DAY, nowMs: START_MS }).view;
    expect(entryOf(wroteAt(view, START_MS + RETAIN - 1), idOf(first))).toBeDefined();
    expect(entryOf(wroteAt(view, START_MS + RETAIN), idOf(first))).toBeUndefined();
  });

  it.each<[string, ChargeView]>([
    ['a cluster', viewOf([first, second])],
    ['what an order that was closed consists of', viewOf([first], closedAs('paid'))],
  ])('never %s', (_, view) => {
    const { entries } = wroteAt(view, START_MS + RETAIN);
    expect(entries).toHaveLength(view.window.entries.length + 1);
  });

  it('never what a late copy repeats', () => {
    const late = see(viewOf([first]), second, { timeMs: START_MS + MINUTE, nowMs: START_MS + RETAIN });
    expect(late.outcome).toMatchObject(COPY_OF_FIRST);
    expect(late.view.window.entries.map(({ id }) => id)).toEqual([idOf(first), idOf(second)]);
  });

  it('and goes on counting, so that a sequence never comes again', () => {
    const window = wroteAt(viewOf([first]), START_MS + RETAIN);
    expect(window.entries.map(({ seq }) => seq)).toEqual([1]);
  });

  it('and takes a capture that its record knows, and that comes again then, for what it was', () => {
    const view = viewOf([first]);
    const pruned = { ...view, window: wroteAt(view, START_MS + RETAIN) };
    const again = see(pruned, first, { nowMs: START_MS + RETAIN });
    expect(again.outcome).toMatchObject({ ...ORIGINAL, replay: true });
    expect(again.view.window).toBe(pruned.window);
  });

  it('but files a capture that comes again before, for a crash may have come before its first filing', () => {
    const { records } = viewOf([first]);
    const again = see({ ...EMPTY_VIEW, records }, first, { nowMs: START_MS + RETAIN - 1 });
    expect(again.outcome).toMatchObject({ ...ORIGINAL, replay: false });
  });
});

describe('how long a window is remembered', () => {
  const now = START_MS + MINUTE;
  it.each<[string, ChargeView, number]>([
    ['an original, from when it was dealt with', see(EMPTY_VIEW, first, { nowMs: now }).view, now + 15 * DAY],
    ['an original ahead of the clock', see(EMPTY_VIEW, first, { timeMs: now, nowMs: START_MS }).view, now + 15 * DAY],
    ['a duplicate', viewOf([first, second]), START_MS + EVIDENCE_MS],
    ['an order closed unpaid', viewOf([], closedAs('unpaid')), START_MS + EVIDENCE_MS],
    ['an order closed paid', viewOf([], closedAs('paid')), START_MS + 15 * DAY],
    ['an order paid after all', viewOf([], closedAs('unpaid'), closedAs('paid', START_MS + 1)), START_MS + EVIDENCE_MS],
    [
      'an order whose unpaid closing came too late',
      viewOf([], closedAs('paid', START_MS + 1, START_MS), closedAs('unpaid')),
      START_MS + EVIDENCE_MS,
    ],
    ['one charge of an order with a total', viewOf([first], totalled(1)), START_MS + 15 * DAY],
    [
      'different charges of an order with a total, for an approver may still decide over one',
      viewOf([first, { ...second, amountMinor: 1 }], totalled(1)),
      START_MS + EVIDENCE_MS,
    ],
  ])('%s', (_, { window }, expiresAtMs) => {
    expect(window.expiresAtMs).toBe(expiresAtMs);
  });
});
