import type { FlagId, Minor } from '../brands.ts';
import { type CapturedRecord, type ChargeRecord, type Ground, isDisputed, isReleased } from './charge-record.ts';
import {
  type ChargeView,
  chargeIn,
  countedStanding,
  isKept,
  isStanding,
  survivorsOf,
  type ViewedCharge,
} from './charge-view.ts';
import { type ChargeWindow, owedBy, rootOf } from './charge-window.ts';

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
  | {
      readonly kind: 'granted';
      readonly refundMinor: Minor;
      readonly replay: false;
      /** The charges that it counts on: their records must still be what they are when the claim is written. */
      readonly survivors: readonly CapturedRecord[];
    }
  /** Granted before: with the amount of then, and with what proved it then. */
  | {
      readonly kind: 'granted';
      readonly refundMinor: Minor;
      readonly restsOn: readonly Ground[];
      readonly replay: true;
    }
  | { readonly kind: 'denied'; readonly reason: DenialReason };

/**
 * May this attempt refund the charge? Judged by the deciding detector's window and the records it names, and a pure
 * function of them: the same attempt gets the same answer however often it asks, for the answer is written before it is
 * acted upon.
 */
export function decideClaim(view: ChargeView, id: FlagId, attempt: number): ClaimDecision {
  const own = chargeIn(view, id);
  if (own === undefined) return { kind: 'denied', reason: 'not-captured' };
  const { entry, record } = own;
  const { ours } = record;
  if (ours !== undefined && attempt <= ours.attempt) {
    // The amount of the first grant: a gateway refuses the same idempotency key with another amount.
    if (ours.attempt === attempt && (ours.state === 'claimed' || ours.state === 'refunded')) {
      return { kind: 'granted', refundMinor: ours.refundMinor, restsOn: ours.restsOn, replay: true };
    }
    const isConcluded = ours.state === 'failed' || ours.state === 'reversed-externally';
    const isOver = attempt < ours.attempt || isConcluded;
    return { kind: 'denied', reason: isOver ? 'attempt-over' : denialOf(record, view.window) };
  }
  if (ours !== undefined && ours.state !== 'failed' && ours.state !== 'denied') {
    return { kind: 'denied', reason: 'already-claimed' };
  }
  const standing = countedStanding(view, rootOf(entry));
  const owed = owedBy(view.window);
  if (!isStanding(own, view.window) || standing.length <= owed) {
    return { kind: 'denied', reason: denialOf(record, view.window) };
  }
  return { kind: 'granted', refundMinor: refundable(record), replay: false, survivors: countedOn(view, own) };
}

/** Returns the charges that a claim counts on: as many as are owed, fewer where fewer stand. */
export function countedOn(view: ChargeView, own: ViewedCharge): readonly CapturedRecord[] {
  return survivorsOf(view, own).slice(0, owedBy(view.window));
}

/** What is left to refund: others' partial refunds count against the amount. */
export function refundable({ capture, refundedByOthers }: CapturedRecord): Minor {
  return capture.charge.amountMinor - (refundedByOthers?.totalMinor ?? 0);
}

function denialOf(record: ChargeRecord, window: ChargeWindow): DenialReason {
  if (isReleased(record)) return 'released';
  if (isDisputed(record)) return 'disputed';
  return isKept(record, window) ? 'kept' : 'no-surplus';
}
