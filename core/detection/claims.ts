import type { Minor, Ms } from '../brands.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import {
  type CapturedEntry,
  type ChargeWindow,
  type Claim,
  countedStanding,
  type Entry,
  entryOf,
  type Ground,
  isCalled,
  isCaptured,
  isReleased,
  isStanding,
  owedBy,
  rootOf,
} from './charge-window.ts';
import { put, type Remembering, refOf, type Step } from './put-entry.ts';

export const DENIAL_REASONS = [
  'not-captured',
  'released',
  'disputed',
  'kept',
  'no-surplus',
  'attempt-over',
  /** The claim was granted, then given back: its workflow slept, and meanwhile the order came to need the charge. */
  'given-back',
  'already-claimed',
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

export type ClaimDecision =
  | { readonly kind: 'granted'; readonly refundMinor: Minor; readonly replay: false }
  /** Granted before: with the amount of then, and with what proved it then. */
  | {
      readonly kind: 'granted';
      readonly refundMinor: Minor;
      readonly restsOn: readonly Ground[];
      readonly replay: true;
    }
  | { readonly kind: 'denied'; readonly reason: DenialReason };

/**
 * May this attempt refund the charge? Judged in the deciding detector's window alone, and a pure function of it: the
 * same attempt gets the same answer however often it asks, for the answer is written before it is acted upon.
 */
export function decideClaim(window: ChargeWindow, ref: ChargeRef, attempt: number): ClaimDecision {
  const entry = entryOf(window, ref);
  if (entry === undefined || !isCaptured(entry)) return { kind: 'denied', reason: 'not-captured' };
  const { ours } = entry;
  if (ours !== undefined && attempt <= ours.attempt) {
    // The amount of the first grant: a gateway refuses the same idempotency key with another amount.
    if (ours.attempt === attempt && (ours.state === 'claimed' || ours.state === 'refunded')) {
      return { kind: 'granted', refundMinor: ours.refundMinor, restsOn: ours.restsOn, replay: true };
    }
    const isConcluded = ours.state === 'failed' || ours.state === 'reversed-externally';
    return { kind: 'denied', reason: attempt < ours.attempt || isConcluded ? 'attempt-over' : denialOf(entry) };
  }
  if (ours !== undefined && ours.state !== 'failed' && ours.state !== 'denied') {
    return { kind: 'denied', reason: 'already-claimed' };
  }
  if (!isStanding(entry) || countedStanding(window, rootOf(entry)).length <= owedBy(window)) {
    return { kind: 'denied', reason: denialOf(entry) };
  }
  return { kind: 'granted', refundMinor: refundable(entry), replay: false };
}

/** What was answered to a claim, or came of it, written to one window of the charge; the entry is added if unseen. */
export function recordClaim(
  window: ChargeWindow,
  detector: Remembering,
  { captured, ours, nowMs }: { readonly captured: CapturedEntry['captured']; readonly ours: Claim; readonly nowMs: Ms },
): ChargeWindow {
  const known = entryOf(window, captured.charge);
  if (known?.ours !== undefined && isSameClaim(known.ours, ours)) return window;
  const seq = known?.captured?.seq ?? window.entries.filter(isCaptured).length;
  const entry: Entry = {
    ...known,
    ...refOf(captured.charge),
    captured: known?.captured ?? { ...captured, seq },
    ours,
    ...(ours.state === 'reversed-externally' && { released: true as const }),
  };
  return put(window, detector, entry, { timeMs: captured.timeMs, nowMs });
}

/** Leaves out the amount: an attempt is never granted a second one. */
function isSameClaim(a: Claim, b: Claim): boolean {
  return a.attempt === b.attempt && a.state === b.state && isCalled(a) === isCalled(b);
}

/** A person says that the charge is meant. Too late once a claim runs or money has moved. */
export function keep(
  window: ChargeWindow,
  detector: Remembering,
  { captured, nowMs }: { readonly captured: CapturedEntry['captured']; readonly nowMs: Ms },
): Step<'kept' | 'too-late'> {
  const known = entryOf(window, captured.charge);
  const state = known?.ours?.state;
  if (state === 'claimed' || state === 'refunded' || state === 'reversed-externally')
    return { window, outcome: 'too-late' };
  if (known?.kept) return { window, outcome: 'kept' };
  const seq = known?.captured?.seq ?? window.entries.filter(isCaptured).length;
  const entry: Entry = {
    ...known,
    ...refOf(captured.charge),
    captured: known?.captured ?? { ...captured, seq },
    kept: true,
  };
  return { window: put(window, detector, entry, { timeMs: captured.timeMs, nowMs }), outcome: 'kept' };
}

/** What is left to refund: others' partial refunds count against the amount. */
function refundable(entry: CapturedEntry): Minor {
  return entry.captured.charge.amountMinor - (entry.refundedTotalMinor ?? 0);
}

function denialOf(entry: CapturedEntry): DenialReason {
  if (isReleased(entry)) return 'released';
  if (entry.dispute?.open) return 'disputed';
  if (entry.kept) return 'kept';
  return 'no-surplus';
}
