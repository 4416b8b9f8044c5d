import type { Minor, Ms } from '../brands.ts';
import { formatMoney } from '../events/format-money.ts';
import type { Charge } from '../events/payment-event.ts';
import { type Capture, type ChargeRecord, type Claim, EVIDENCE_MS, isCalled, nextVersion } from './charge-record.ts';

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
 * A capture: the first telling fixes charge and time. A later one only moves the latest event time on, and adds the windows
 * of detectors that have none yet.
 */
export function capture(record: ChargeRecord, { charge, timeMs, nowMs, history, ...first }: CaptureTold): Noted {
  const known = record.capture;
  if (known === undefined) {
    const mayHaveExpired = history === 'hold' && nowMs - timeMs >= EVIDENCE_MS;
    const seen = { seenMs: nowMs, ...(mayHaveExpired && ({ mayHaveExpired } as const)) };
    const fixed = { charge, timeMs, ...first, ...seen, latestMs: timeMs };
    return { kind: 'noted', record: written({ ...record, capture: fixed }, nowMs) };
  }
  const conflict = conflictWith(known.charge, charge);
  if (conflict !== undefined) return { kind: 'conflict', record, detail: conflict };
  const added = first.windows.filter(({ detector }) => known.windows.every((filed) => filed.detector !== detector));
  if (timeMs <= known.latestMs && added.length === 0) return { kind: 'noted', record };
  const windows = [...known.windows, ...added.map((filed) => ({ ...filed, added: true }) as const)];
  const latestMs = Math.max(timeMs, known.latestMs);
  return { kind: 'noted', record: written({ ...record, capture: { ...known, latestMs, windows } }, nowMs) };
}

/** A void or a failure: the latest event time holds. */
export function release(record: ChargeRecord, { timeMs, nowMs }: Instant): ChargeRecord {
  if (record.releasedMs !== undefined && timeMs <= record.releasedMs) return record;
  return written({ ...record, releasedMs: timeMs }, nowMs);
}

/** A refund by others: the total with the latest event time holds, for a refund can fail; on a tie the larger. */
export function refundByOthers(
  record: ChargeRecord,
  { totalMinor, timeMs, nowMs }: Instant & { readonly totalMinor: Minor },
): ChargeRecord {
  const known = record.refundedByOthers;
  const isNewer =
    known === undefined || timeMs > known.atMs || (timeMs === known.atMs && totalMinor > known.totalMinor);
  return isNewer ? written({ ...record, refundedByOthers: { totalMinor, atMs: timeMs } }, nowMs) : record;
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

/** Every write moves the expiry on: half a year for all facts. */
function written(record: ChargeRecord, nowMs: Ms): ChargeRecord {
  const expiresAtMs = Math.max(record.expiresAtMs, nowMs + EVIDENCE_MS);
  return { ...record, expiresAtMs, version: nextVersion(record.version, nowMs) };
}

function rankOf({ open, wonBy }: Told): number {
  if (open) return 2;
  return wonBy === 'payer' ? 1 : 0;
}

function conflictWith(known: Charge, now: Charge): string | undefined {
  if (known.amountMinor === now.amountMinor && known.currency === now.currency) return undefined;
  return `known as ${formatMoney(known.amountMinor, known)}, came again as ${formatMoney(now.amountMinor, now)}`;
}
