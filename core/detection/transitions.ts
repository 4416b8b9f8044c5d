import type { Minor, Ms } from '../brands.ts';
import { formatMoney } from '../events/format-money.ts';
import type { Charge, OrderClosed } from '../events/payment-event.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  ENTRIES_MAX,
  type Entry,
  entryOf,
  isCaptured,
  isReleased,
  isSameCharge,
  owedBy,
  rootOf,
  type Verdict,
  WINDOW_BYTES_MAX,
} from './charge-window.ts';
import { type ChargeField, type Detector, fieldOf } from './detector.ts';
import { type Instant, put, refOf, remembered, type Step } from './put-entry.ts';

/** The largest entry has nine tokens of 256 characters, three bytes each: below this even those fit. */
const MEASURED_FROM = 20;
const UTF8 = new TextEncoder();

export interface Observation extends Instant {
  readonly charge: Charge;
  /** When the event reached the stream: decides whether it is late or stale. */
  readonly arrivedMs: Ms;
  /** The verdict of a stronger detector, when one has found a duplicate. */
  readonly decided?: Verdict & { readonly kind: 'duplicate' };
}

export type Observed =
  | { readonly kind: 'judged'; readonly verdict: Verdict; readonly replay: boolean; readonly late: boolean }
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'overflow'; readonly detail: string };

/**
 * A capture. A charge already captured here is a replay and keeps its verdict; one that agrees in `same` with a
 * remembered charge at most `window` away in event time is a duplicate of the first of them, or of that one's original.
 */
export function observe(window: ChargeWindow, detector: Detector, observation: Observation): Step<Observed> {
  const { charge, timeMs, arrivedMs } = observation;
  const late = arrivedMs - timeMs > detector.latenessMs;
  const known = entryOf(window, charge);
  if (known?.captured !== undefined) {
    const conflict = conflictWith(known.captured.charge, charge);
    if (conflict !== undefined) return { window, outcome: { kind: 'conflict', detail: conflict } };
    return { window, outcome: { kind: 'judged', verdict: known.captured.verdict, replay: true, late } };
  }
  if (known === undefined && isFull(window)) return { window, outcome: overflow() };
  const verdict = observation.decided ?? match(window, detector, observation);
  const captured = {
    seq: window.entries.filter(isCaptured).length,
    timeMs,
    charge,
    verdict,
    ...(arrivedMs - timeMs > detector.retainMs && { stale: true as const }),
  };
  // Refunds told before the capture may have told another amount; the capture's decides what is left.
  const released = (known?.refundedTotalMinor ?? 0) >= charge.amountMinor;
  const entry: Entry = { ...(known ?? refOf(charge)), captured, ...(released && { released }) };
  const next = put(window, detector, entry, observation);
  return { window: next, outcome: { kind: 'judged', verdict, replay: false, late } };
}

export type LifecycleOutcome =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'overflow'; readonly detail: string };

/** A void or a failure. Recorded in every state, before the capture too. */
export function release(
  window: ChargeWindow,
  detector: Detector,
  { charge, ...when }: Instant & { readonly charge: Charge },
): Step<LifecycleOutcome> {
  return amend(window, detector, { charge, ...when }, (entry) => ({ ...entry, released: true }));
}

/**
 * A refund by others. Totals are cumulative, so the largest seen holds whatever the order of arrival; one that reaches
 * the amount releases the charge.
 */
export function refundByOthers(
  window: ChargeWindow,
  detector: Detector,
  { charge, refundedTotalMinor, ...when }: Instant & { readonly charge: Charge; readonly refundedTotalMinor: Minor },
): Step<LifecycleOutcome> {
  return amend(window, detector, { charge, ...when }, (entry) => {
    const largestMinor = Math.max(refundedTotalMinor, entry.refundedTotalMinor ?? 0);
    const released = largestMinor >= charge.amountMinor;
    return { ...entry, refundedTotalMinor: largestMinor, ...(released && { released: true as const }) };
  });
}

/**
 * The latest event time holds; on a tie `open`, and of two that are closed the one that the payer won, so that no money
 * goes back twice. Whatever the order of arrival, the same state.
 */
export function dispute(
  window: ChargeWindow,
  detector: Detector,
  {
    charge,
    open,
    wonBy,
    ...when
  }: Instant & { readonly charge: Charge; readonly open: boolean; readonly wonBy?: 'merchant' | 'payer' | undefined },
): Step<LifecycleOutcome> {
  return amend(window, detector, { charge, ...when }, (entry) => {
    const before = entry.dispute;
    const rank = rankOf({ open, wonBy });
    const isNewer =
      before === undefined || when.timeMs > before.atMs || (when.timeMs === before.atMs && rank > rankOf(before));
    if (!isNewer) return entry;
    return { ...entry, dispute: { atMs: when.timeMs, open, ...(wonBy !== undefined && { wonBy }) } };
  });
}

function rankOf({ open, wonBy }: { readonly open: boolean; readonly wonBy?: string | undefined }): number {
  if (open) return 2;
  return wonBy === 'payer' ? 1 : 0;
}

/** An order was closed: the latest event time holds, on a tie `paid`. Unpaid opens kept charges again, for review. */
export function owe(
  window: ChargeWindow,
  detector: Detector,
  { outcome, source, ...when }: Instant & Pick<OrderClosed, 'outcome' | 'source'>,
): Step<LifecycleOutcome> {
  const owed = outcome === 'paid' ? 1 : 0;
  const before = window.closed;
  const isNewer =
    before === undefined || when.timeMs > before.atMs || (when.timeMs === before.atMs && owed > before.owed);
  if (!isNewer) {
    const isOverruled = owed === 0 && before.owed === 1 && !before.overrules;
    const isPaidBefore = owed === 1 && before.owed === 0 && !before.afterPaid;
    if (!isOverruled && !isPaidBefore) return { window, outcome: { kind: 'unchanged' } };
    const closed = { ...before, ...(isOverruled ? { overrules: true as const } : { afterPaid: true as const }) };
    return { window: remembered({ ...window, closed }, detector, when), outcome: { kind: 'recorded' } };
  }
  const afterPaid = owed === 0 && (before?.owed === 1 || before?.afterPaid);
  const reopens = owed === 0 && owedBy(window) === 1;
  const entries = reopens ? window.entries.map(reviewAgain) : window.entries;
  const closed = { owed, atMs: when.timeMs, source, ...(afterPaid && { afterPaid: true as const }) } as const;
  const next = { ...window, entries, closed };
  return { window: remembered(next, detector, when), outcome: { kind: 'recorded' } };
}

function match(window: ChargeWindow, detector: Detector, { charge, timeMs }: Observation): Verdict {
  let first: CapturedEntry | undefined;
  for (const entry of window.entries) {
    if (!isCaptured(entry) || isReleased(entry)) continue;
    if (first !== undefined && entry.captured.seq > first.captured.seq) continue;
    if (Math.abs(entry.captured.timeMs - timeMs) > detector.windowMs) continue;
    if (!agrees(detector.same, entry.captured.charge, charge)) continue;
    // Two workers that meet two detectors crosswise would otherwise each flag the other's charge.
    if (isSameCharge(rootOf(entry), charge)) continue;
    first = entry;
  }
  if (first === undefined) return { kind: 'original' };
  return { kind: 'duplicate', original: refOf(rootOf(first)), detector: window.detector };
}

/** Returns true when the two charges have the same values in those fields. */
export function agrees(same: readonly ChargeField[], a: Charge, b: Charge): boolean {
  return same.every((field) => fieldOf(a, field) === fieldOf(b, field));
}

function conflictWith(known: Charge, now: Charge): string | undefined {
  if (known.amountMinor === now.amountMinor && known.currency === now.currency) return undefined;
  return `known as ${formatMoney(known.amountMinor, known)}, came again as ${formatMoney(now.amountMinor, now)}`;
}

function amend(
  window: ChargeWindow,
  detector: Detector,
  { charge, ...when }: Instant & { readonly charge: Charge },
  change: (entry: Entry) => Entry,
): Step<LifecycleOutcome> {
  const known = entryOf(window, charge);
  const conflict = known?.captured && conflictWith(known.captured.charge, charge);
  if (conflict !== undefined) return { window, outcome: { kind: 'conflict', detail: conflict } };
  if (known === undefined && isFull(window)) return { window, outcome: overflow() };
  const before = known ?? refOf(charge);
  const after = change(before);
  if (isEqualEntry(before, after)) return { window, outcome: { kind: 'unchanged' } };
  return { window: put(window, detector, after, when), outcome: { kind: 'recorded' } };
}

/** Facts are only ever added or replaced by newer ones, so a change shows in one of these. */
function isEqualEntry(a: Entry, b: Entry): boolean {
  return a.released === b.released && a.refundedTotalMinor === b.refundedTotalMinor && a.dispute === b.dispute;
}

function reviewAgain(entry: Entry): Entry {
  if (!entry.kept) return entry;
  const { kept: _kept, ...rest } = entry;
  return { ...rest, reviewOnly: true };
}

function isFull({ entries }: ChargeWindow): boolean {
  if (entries.length >= ENTRIES_MAX) return true;
  return entries.length >= MEASURED_FROM && bytesOf(entries) >= WINDOW_BYTES_MAX;
}

/** Of the entries as JSON: brackets, and each with a comma but the last. */
function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((bytes, entry) => bytes + 1 + bytesOfEntry(entry), 1);
}

/** An entry never changes. Each is measured once: a batch of charges of one order would measure all of them for each. */
const measured = new WeakMap<Entry, number>();

function bytesOfEntry(entry: Entry): number {
  const known = measured.get(entry);
  if (known !== undefined) return known;
  const bytes = UTF8.encode(JSON.stringify(entry)).byteLength;
  measured.set(entry, bytes);
  return bytes;
}

function overflow(): { readonly kind: 'overflow'; readonly detail: string } {
  return {
    kind: 'overflow',
    detail: "the window is full: is the detector's key too wide, or a key field always the same?",
  };
}
