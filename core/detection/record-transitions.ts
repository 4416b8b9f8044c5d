import type { Minor, Ms } from '../brands.ts';
import { isErased } from '../events/erased-payer.ts';
import { formatMoney } from '../events/format-money.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Adjustment, type Returned, withAdjustment, withSingleRefund, withTotal } from './charge-amounts.ts';
import {
  type Capture,
  type CapturedRecord,
  type ChargeRecord,
  type Claim,
  EVIDENCE_MS,
  isCalled,
  isCaptured,
  nextVersion,
  UNCAPTURED_MS,
} from './charge-record.ts';
import { withRepeated, withWaited } from './mismatches.ts';
import { IDENTITY_FIELDS, type Repeated } from './told-fields.ts';

/** When something happened and when it is being dealt with, ms since the epoch. Transitions read no clock. */
export interface Instant {
  readonly timeMs: Ms;
  readonly nowMs: Ms;
}

export type Noted =
  /** The same record when it knew all of it: then there is nothing to write. */
  | { readonly kind: 'noted'; readonly record: ChargeRecord }
  | { readonly kind: 'conflict'; readonly record: ChargeRecord; readonly detail: string };

interface CaptureTold extends Instant, Pick<Capture, 'arrivedMs' | 'windows'> {
  readonly charge: Charge;
  /** `judge` replays old events as new, for the sandbox alone: no earlier record of theirs has expired. */
  readonly history: 'hold' | 'judge';
}

/**
 * A capture: the first telling fixes charge and time. A later one moves the latest event time on, completes what was left
 * open, tells an amount of its own time, and adds the windows of detectors that have none yet.
 */
export function capture(record: ChargeRecord, { charge, timeMs, nowMs, history, ...first }: CaptureTold): Noted {
  if (!isCaptured(record)) {
    const mayHaveExpired = history === 'hold' && nowMs - timeMs >= EVIDENCE_MS;
    const seen = { seenMs: nowMs, ...(mayHaveExpired && ({ mayHaveExpired } as const)) };
    const fixed = { charge, timeMs, ...first, ...seen, latestMs: timeMs };
    return { kind: 'noted', record: written(withWaited({ ...record, capture: fixed }), nowMs) };
  }
  const conflict = conflictWith(record.capture, { charge, timeMs });
  if (conflict !== undefined) return { kind: 'conflict', record, detail: conflict };
  const { amountMinor, currency } = charge;
  // Where the amount is that of the first telling, only a later time says something: adjustments before it are over.
  const isNewAmount = amountMinor !== record.capture.charge.amountMinor || timeMs > record.capture.timeMs;
  const adjusted = isNewAmount ? withAdjustment(record, { amountMinor, currency, atMs: timeMs }) : record;
  const compared = withRepeated(adjusted, { ...charge, kind: 'charge.captured', atMs: timeMs });
  const captured = withTelling(record.capture, { timeMs, ...first });
  const moved = captured === record.capture ? compared : { ...compared, capture: captured };
  return { kind: 'noted', record: writtenIfNew(record, moved, nowMs) };
}

/** Returns the capture with the latest event time, and with the windows of detectors that were added since. */
function withTelling(known: Capture, { timeMs, windows }: Pick<CaptureTold, 'timeMs' | 'windows'>): Capture {
  const added = windows.filter(({ detector }) => known.windows.every((filed) => filed.detector !== detector));
  if (timeMs <= known.latestMs && added.length === 0) return known;
  const all = [...known.windows, ...added.map((filed) => ({ ...filed, added: true }) as const)];
  return { ...known, latestMs: Math.max(timeMs, known.latestMs), windows: all };
}

/** The captured amount as of a time: a tip, a further or a smaller capture. The latest holds, on a tie the smaller. */
export function adjust(record: ChargeRecord, adjustment: Adjustment, nowMs: Ms): ChargeRecord {
  return writtenIfNew(record, withAdjustment(record, adjustment), nowMs);
}

/** What an event after the capture repeats of the charge: a mismatch where the capture has it otherwise. */
export function repeat(record: ChargeRecord, told: Repeated, nowMs: Ms): ChargeRecord {
  return writtenIfNew(record, withRepeated(record, told), nowMs);
}

/** A void or a failure: the latest event time holds. */
export function release(
  record: ChargeRecord,
  { timeMs, nowMs, kind = 'voided' }: Instant & { readonly kind?: 'voided' | 'failed' },
): ChargeRecord {
  const isLater = (knownMs: Ms | undefined) => knownMs === undefined || timeMs > knownMs;
  const isLaterVoid = kind === 'voided' && isLater(record.voidedMs);
  if (!isLater(record.releasedMs) && !isLaterVoid) return record;
  const released = isLater(record.releasedMs) ? { ...record, releasedMs: timeMs } : record;
  return written(isLaterVoid ? { ...released, voidedMs: timeMs } : released, nowMs);
}

/** A refund by others: the total with the latest event time holds, for a refund can fail; on a tie the larger. */
export function refundByOthers(
  record: ChargeRecord,
  { totalMinor, timeMs, nowMs }: Instant & { readonly totalMinor: Minor },
): ChargeRecord {
  const known = record.refundedByOthers;
  const isNewer =
    known === undefined || timeMs > known.atMs || (timeMs === known.atMs && totalMinor > known.totalMinor);
  if (!isNewer) return record;
  return written(withReturned(record, withTotal(record, { totalMinor, atMs: timeMs })), nowMs);
}

/** One refund by others, told by its id: added to those that the latest total does not hold. */
export function refundOneByOthers(
  record: ChargeRecord,
  { id, minor, timeMs, nowMs }: Instant & { readonly id: string; readonly minor: Minor },
): ChargeRecord {
  const returned = withSingleRefund(record, { id, minor, atMs: timeMs });
  return returned === record ? record : written(withReturned(record, returned), nowMs);
}

function withReturned(record: ChargeRecord, { refundedByOthers, singleRefunds }: Returned): ChargeRecord {
  const { refundedByOthers: _total, singleRefunds: _single, ...facts } = record;
  return { ...facts, ...(refundedByOthers && { refundedByOthers }), ...(singleRefunds && { singleRefunds }) };
}

/**
 * The latest event time holds; on a tie `open`, and of two that are closed the one that the payer won, so that no money
 * goes back twice. Whatever the order of arrival, the same state.
 */
export function dispute(record: ChargeRecord, { timeMs, nowMs, open, wonBy }: Instant & Told): ChargeRecord {
  const known = record.dispute;
  const rank = rankOf({ open, wonBy });
  const isNewer = known === undefined || timeMs > known.atMs || (timeMs === known.atMs && rank > rankOf(known));
  if (!isNewer) return record;
  return written({ ...record, dispute: { atMs: timeMs, open, ...(wonBy !== undefined && { wonBy }) } }, nowMs);
}

interface Told {
  readonly open: boolean;
  readonly wonBy?: 'merchant' | 'payer' | undefined;
}

/** What was answered to a claim, or came of it. The same answer again changes nothing. */
export function recordClaim(record: ChargeRecord, ours: Claim, nowMs: Ms): ChargeRecord {
  return record.ours !== undefined && isSameClaim(record.ours, ours) ? record : written({ ...record, ours }, nowMs);
}

/**
 * An approver says that the charge is meant. Too late once a claim runs or money has moved.
 *
 * @param unpaidMs the time of the unpaid closing that the approver's decision has seen
 */
export function keep(
  record: ChargeRecord,
  { unpaidMs, nowMs }: { readonly unpaidMs: Ms | undefined; readonly nowMs: Ms },
): { readonly record: ChargeRecord; readonly outcome: 'kept' | 'too-late' } {
  const state = record.ours?.state;
  if (state === 'claimed' || state === 'refunded' || state === 'reversed-externally') {
    return { record, outcome: 'too-late' };
  }
  const known = record.kept;
  if (known !== undefined && (unpaidMs === undefined || (known.unpaidMs ?? Number.NEGATIVE_INFINITY) >= unpaidMs)) {
    return { record, outcome: 'kept' };
  }
  const kept = unpaidMs === undefined ? {} : { unpaidMs };
  return { record: written({ ...record, kept }, nowMs), outcome: 'kept' };
}

/** Leaves out the amount: an attempt is never granted a second one. */
function isSameClaim(a: Claim, b: Claim): boolean {
  return a.attempt === b.attempt && a.state === b.state && isCalled(a) === isCalled(b);
}

/** Every write moves the expiry on: half a year for all facts of a captured charge. */
function written(record: ChargeRecord, nowMs: Ms): ChargeRecord {
  const livesMs = record.capture === undefined ? UNCAPTURED_MS : EVIDENCE_MS;
  const expiresAtMs = Math.max(record.expiresAtMs, nowMs + livesMs);
  return { ...record, expiresAtMs, version: nextVersion(record.version, nowMs) };
}

function writtenIfNew(before: ChargeRecord, after: ChargeRecord, nowMs: Ms): ChargeRecord {
  return after === before ? before : written(after, nowMs);
}

function rankOf({ open, wonBy }: Told): number {
  if (open) return 2;
  return wonBy === 'payer' ? 1 : 0;
}

/**
 * One id for two charges: another merchant, payer, order or currency, or another amount at one time. An amount of another
 * time is an adjustment.
 */
function conflictWith(
  { charge: known, timeMs: knownMs }: CapturedRecord['capture'],
  { charge: now, timeMs }: Pick<Capture, 'charge' | 'timeMs'>,
): string | undefined {
  if (known.currency !== now.currency || (known.amountMinor !== now.amountMinor && timeMs === knownMs)) {
    return `known as ${formatMoney(known.amountMinor, known)}, came again as ${formatMoney(now.amountMinor, now)}`;
  }
  const other = IDENTITY_FIELDS.find((field) => {
    const [before, after] = [known[field], now[field]];
    // The payer of a record may be erased: then an event that comes again still tells of the same charge.
    return before !== undefined && after !== undefined && before !== after && !isErased(before);
  });
  return other && `data.${other}: not that of the charge known by this id; send each charge under its own id`;
}
