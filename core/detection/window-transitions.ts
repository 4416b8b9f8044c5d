import type { FlagId, Ms } from '../brands.ts';
import type { OrderClosed } from '../events/payment-event.ts';
import type { Capture } from './charge-record.ts';
import { EVIDENCE_MS, nextVersion } from './charge-record.ts';
import {
  type ChargeWindow,
  type DuplicateVerdict,
  ENTRIES_MAX,
  entryOf,
  isSameLikeness,
  LIKENESSES_MAX,
  type Likeness,
  likenessesOf,
  type OrderTotal,
  rootOf,
  type Verdict,
  WINDOW_BYTES_MAX,
  type WindowEntry,
} from './charge-window.ts';
import { type Detector, isNearAmount } from './detector.ts';

const UTF8 = new TextEncoder();

/** A captured charge as a window files it. */
export interface Filing
  extends Pick<Capture, 'timeMs' | 'seenMs'>,
    Pick<WindowEntry, 'id' | 'same' | 'amountMinor' | 'also' | 'payment' | 'payer'> {
  /** True where the record knew the capture before: past `retain` its entry was pruned, for it was an original alone. */
  readonly isKnown: boolean;
  readonly nowMs: Ms;
  /** The verdict of a stronger detector, when one has found a duplicate. */
  readonly decided?: DuplicateVerdict | undefined;
}

export type Filed =
  | { readonly kind: 'judged'; readonly verdict: Verdict; readonly replay: boolean }
  | { readonly kind: 'overflow'; readonly detail: string };

export interface WindowStep<Outcome> {
  /** The same object when nothing changed: then there is nothing to write. */
  readonly window: ChargeWindow;
  readonly outcome: Outcome;
}

/**
 * Files a capture. A charge filed here before is a replay and keeps its verdict. One that agrees in `same` with a
 * remembered charge less than `reviewWindow` away is a duplicate of the first of them, or of that one's original, provided that
 * the original is less than `reviewWindow` away too, or the chain is unlimited. What became of the remembered charges does not matter.
 * A remembered charge agrees by any amount that it has had; a new amount of a charge filed here is added to its entry.
 */
export function file(window: ChargeWindow, detector: Detector, filing: Filing): WindowStep<Filed> {
  const { id, timeMs, seenMs, same, amountMinor, also = [], payment, payer, nowMs } = filing;
  const known = entryOf(window, id);
  if (known !== undefined) {
    const outcome = { kind: 'judged', verdict: known.verdict, replay: true } as const;
    const grown = withLikenesses(window, known, also);
    const when = { fromMs: known.sinceMs, nowMs };
    return { window: grown === window ? window : remembered(grown, detector, when), outcome };
  }
  const sinceMs = Math.max(timeMs, seenMs);
  if (filing.isKnown && sinceMs + detector.retainMs <= nowMs) {
    return { window, outcome: { kind: 'judged', verdict: { kind: 'original' }, replay: true } };
  }
  const verdict = filing.decided ?? match(window, detector, filing);
  // After the match: what the charge repeats is no longer alone, however old it is.
  const entries = pruned(window, detector, { nowMs, verdict });
  if (isFull(entries)) return { window, outcome: overflow() };
  const seq = (window.entries.at(-1)?.seq ?? -1) + 1;
  const likeness = { same, ...(amountMinor !== undefined && { amountMinor }), ...(also.length > 0 && { also }) };
  const entry = { id, seq, timeMs, sinceMs, ...likeness, ...(payment !== undefined && { payment }), payer, verdict };
  const isTwin = payment !== undefined && entries.some((other) => other.payment === payment);
  const decisiveVersion = isTwin ? nextVersion(window.decisiveVersion, nowMs) : window.decisiveVersion;
  const filed = { ...window, decisiveVersion, entries: [...entries, entry] };
  const next = remembered(filed, detector, { fromMs: sinceMs, nowMs });
  return { window: next, outcome: { kind: 'judged', verdict, replay: false } };
}

interface TotalTold extends Pick<OrderTotal, 'currency' | 'totalMinor' | 'source'> {
  readonly timeMs: Ms;
  readonly nowMs: Ms;
}

/** Records what a source says that the order is to cost. Returns the same window where it knew that. */
export function total(
  window: ChargeWindow,
  detector: Detector,
  { currency, totalMinor, source, timeMs, nowMs }: TotalTold,
): ChargeWindow {
  const { totals = [] } = window;
  const before = totals.find((known) => known.currency === currency);
  const isLatest =
    before === undefined || timeMs > before.atMs || (timeMs === before.atMs && totalMinor > before.totalMinor);
  const highestMinor = Math.max(totalMinor, before?.highestMinor ?? 0);
  if (!isLatest && highestMinor === before.highestMinor) return window;
  const now = isLatest ? { currency, totalMinor, atMs: timeMs, source, highestMinor } : { ...before, highestMinor };
  const decisiveVersion = nextVersion(window.decisiveVersion, nowMs);
  const others = totals.filter((known) => known !== before);
  return remembered({ ...window, decisiveVersion, totals: [...others, now] }, detector, { fromMs: timeMs, nowMs });
}

interface Closing extends Pick<OrderClosed, 'outcome' | 'source' | 'timeMs'> {
  readonly nowMs: Ms;
  readonly isStale?: boolean;
}

/**
 * Records that an order was closed: the latest event time holds, on a tie `paid`. Whatever decides a claim moves the
 * decisive version. Returns the same window where it knew that.
 */
export function owe(
  window: ChargeWindow,
  detector: Detector,
  { outcome, source, timeMs, nowMs, isStale = false }: Closing,
): ChargeWindow {
  const owed = outcome === 'paid' ? 1 : 0;
  const before = window.closed;
  const isNewer = before === undefined || timeMs > before.atMs || (timeMs === before.atMs && owed > before.owed);
  const when = { fromMs: timeMs, nowMs };
  const decisive = { ...window, decisiveVersion: nextVersion(window.decisiveVersion, nowMs) };
  if (isNewer) {
    const afterPaid = owed === 0 && (before?.owed === 1 || before?.afterPaid);
    const isContradicted = owed === 1 && before?.owed === 0 && before.source === source && timeMs > before.atMs;
    const contradictedBy = isContradicted ? source : before?.contradictedBy;
    const closed = {
      owed,
      atMs: timeMs,
      source,
      ...(afterPaid && { afterPaid: true as const }),
      ...(isStale && { stale: true as const }),
      ...(contradictedBy !== undefined && { contradictedBy }),
    } as const;
    return remembered({ ...decisive, closed }, detector, when);
  }
  if (owed === 1 && before.owed === 0 && !before.afterPaid) {
    return remembered({ ...decisive, closed: { ...before, afterPaid: true } }, detector, when);
  }
  if (owed === 1 || before.owed === 0) return window;
  const isContradicted = before.contradictedBy === undefined && before.source === source && timeMs < before.atMs;
  if (before.overrules && !isContradicted) return window;
  const closed = { ...before, overrules: true as const, ...(isContradicted && { contradictedBy: source }) };
  return remembered({ ...window, closed }, detector, when);
}

/**
 * An entry grows by the amounts that its charge comes to have; nothing else of it changes. A window that takes no further
 * charge takes no further amount either: nothing could meet it.
 */
function withLikenesses(window: ChargeWindow, known: WindowEntry, also: readonly Likeness[]): ChargeWindow {
  const has = likenessesOf(known);
  const news = also.filter((one) => !has.some((other) => isSameLikeness(one, other)));
  if (news.length === 0 || isFull(window.entries)) return window;
  const all = [...(known.also ?? []), ...news];
  const grown = { ...known, also: all.length > LIKENESSES_MAX ? also : all };
  return { ...window, entries: window.entries.map((entry) => (entry === known ? grown : entry)) };
}

function match(
  { detector, entries }: ChargeWindow,
  { reviewWindowMs, isChainUnlimited, near }: Detector,
  { id, same, amountMinor, timeMs }: Pick<Filing, 'id' | 'same' | 'amountMinor' | 'timeMs'>,
): Verdict {
  const isNear = (entry: WindowEntry) => Math.abs(entry.timeMs - timeMs) < reviewWindowMs;
  const isLike = (known: Likeness) =>
    known.same === same &&
    (near === undefined ||
      (amountMinor !== undefined &&
        known.amountMinor !== undefined &&
        isNearAmount(amountMinor, known.amountMinor, near)));
  const isCopy = (entry: WindowEntry) => isLike(entry) || (entry.also?.some(isLike) ?? false);
  // Known here as the original of others: two workers that meet two detectors crosswise would otherwise each flag the
  // other's charge.
  if (entries.some((entry) => rootOf(entry) === id)) return { kind: 'original' };
  const first = entries.find(
    (entry) => isCopy(entry) && isNear(entry) && (isChainUnlimited || isNear(anchorOf(entries, entry))),
  );
  return first === undefined ? { kind: 'original' } : { kind: 'duplicate', root: rootOf(first), detector };
}

/** Returns where the chain of an entry begins in this window: its original, or the first that repeats it. */
function anchorOf(entries: readonly WindowEntry[], entry: WindowEntry): WindowEntry {
  const root = rootOf(entry);
  if (root === entry.id) return entry;
  return entries.find(({ id }) => id === root) ?? entries.find((other) => rootOf(other) === root) ?? entry;
}

/** Leaves out originals alone that are older than `retain`: nothing repeats them. A closing or a total keeps them all. */
function pruned(
  { entries, closed, totals }: ChargeWindow,
  { retainMs }: Detector,
  { nowMs, verdict: latest }: { readonly nowMs: Ms; readonly verdict: Verdict },
): readonly WindowEntry[] {
  if (closed !== undefined || totals !== undefined || !entries.some((entry) => entry.sinceMs + retainMs <= nowMs))
    return entries;
  const roots = new Set<FlagId>();
  for (const verdict of [latest, ...entries.map((entry) => entry.verdict)]) {
    if (verdict.kind === 'duplicate') roots.add(verdict.root);
  }
  return entries.filter(
    ({ id, sinceMs, verdict }) => verdict.kind === 'duplicate' || roots.has(id) || sinceMs + retainMs > nowMs,
  );
}

/** Every write moves the expiry on: `retain` for originals alone, half a year for anything that is evidence. */
function remembered(
  window: ChargeWindow,
  { retainMs }: Detector,
  { fromMs, nowMs }: { readonly fromMs: Ms; readonly nowMs: Ms },
): ChargeWindow {
  const livesMs = isOriginalsAlone(window) ? retainMs : Math.max(retainMs, EVIDENCE_MS);
  const expiresAtMs = Math.max(window.expiresAtMs, Math.max(fromMs, nowMs) + livesMs);
  return { ...window, expiresAtMs, version: nextVersion(window.version, nowMs) };
}

/** With a total one of several originals may be flagged as overpaid: an approver may still decide over it. */
function isOriginalsAlone({ closed, totals, entries }: ChargeWindow): boolean {
  if (closed?.owed === 0 || closed?.overrules || (totals !== undefined && entries.length > 1)) return false;
  return entries.every(({ verdict }) => verdict.kind === 'original');
}

function isFull(entries: readonly WindowEntry[]): boolean {
  if (entries.length >= ENTRIES_MAX) return true;
  return entries.reduce((bytes, entry) => bytes + bytesOf(entry), 0) >= WINDOW_BYTES_MAX;
}

/** An entry never changes. Each is measured once: a batch of charges of one order would measure all of them for each. */
const measured = new WeakMap<WindowEntry, number>();

function bytesOf(entry: WindowEntry): number {
  const known = measured.get(entry);
  if (known !== undefined) return known;
  const bytes = UTF8.encode(JSON.stringify(entry)).byteLength;
  measured.set(entry, bytes);
  return bytes;
}

function overflow(): Filed {
  return {
    kind: 'overflow',
    detail: "the window is full: is the detector's key too wide, or a key field always the same?",
  };
}
