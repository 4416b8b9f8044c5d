import type { FlagId, Minor } from '../brands.ts';
import { type CapturedRecord, type ChargeRecord, type Ground, isDisputed, isReleased } from './charge-record.ts';
import {
  type ChargeView,
  chargeIn,
  countedStanding,
  isKept,
  remainingMinor,
  survivorsOf,
  type ViewedCharge,
} from './charge-view.ts';
import { type ChargeWindow, owedBy, rootOf, totalOf } from './charge-window.ts';
import { coverOf } from './order-total.ts';

export const DENIAL_REASONS = [
  'not-captured',
  'released',
  'disputed',
  'kept',
  'no-surplus',
  'attempt-over',
  /** The claim was granted, then given back: its workflow slept, and meanwhile the order came to need the charge. */
  'given-back',
  /** The claim was granted, then returned: the rule that found the charge has changed. */
  'configuration-changed',
  /** The claim was granted, then returned: less is captured now than it allowed. */
  'amount-lowered',
  /** The claim was granted, then returned: the approvals that it needs are not on its flag. */
  'not-approved',
  /** The claim was granted, then returned: no hour has room for it, since the cap was lowered or its raise has ended. */
  'above-cap',
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
      /** Other ids of the same payments. A fact of one is a fact of all, so their records must not change either. */
      readonly twins: readonly CapturedRecord[];
    }
  /** What else stands does not cover the order's total: no approval lets it go. */
  | { readonly kind: 'below-total' }
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
  const { record } = own;
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
  const survivors = isCounted(view, own) ? staysBeside(view, own) : 'nothing';
  if (survivors === 'nothing') return { kind: 'denied', reason: denialOf(record, view.window) };
  if (survivors === 'below-total') return { kind: 'below-total' };
  return {
    kind: 'granted',
    refundMinor: remainingMinor(own),
    replay: false,
    survivors: survivors.map((survivor) => survivor.record),
    twins: [own, ...survivors].flatMap((charge) => charge.twins),
  };
}

/** Returns true where a claim of an unclaimed charge would be denied: it does not stand, or the order needs it. */
export function wouldBeDenied(view: ChargeView, own: ViewedCharge): boolean {
  return !isCounted(view, own) || staysBeside(view, own) === 'nothing';
}

function isCounted(view: ChargeView, { entry: own }: ViewedCharge): boolean {
  return countedStanding(view, rootOf(own)).some(({ entry }) => entry.id === own.id);
}

/** Returns the charges that a claim counts on; none where it would be denied. */
export function countedOn(view: ChargeView, own: ViewedCharge): readonly ViewedCharge[] {
  const stays = staysBeside(view, own);
  return typeof stays === 'string' ? [] : stays;
}

/**
 * Returns the charges that must stay: one of the cluster and, with a known total, as many as cover it. Without another
 * charge of the cluster, as many as cover the highest total that was ever told.
 */
function staysBeside(view: ChargeView, own: ViewedCharge): readonly ViewedCharge[] | 'nothing' | 'below-total' {
  const { window } = view;
  const { id } = own.entry;
  const { currency } = own.record.capture.charge;
  if (owedBy(window) === 0) return [];
  const total = totalOf(window, currency);
  const first = survivorsOf(view, own).slice(0, 1);
  if (total === undefined) return first.length > 0 ? first : 'nothing';
  if (first.length === 0) return coverOf(view, { id, currency, amountMinor: total.highestMinor }) ?? 'nothing';
  return coverOf(view, { id, currency, amountMinor: total.totalMinor, first }) ?? 'below-total';
}

function denialOf(record: ChargeRecord, window: ChargeWindow): DenialReason {
  if (isReleased(record)) return 'released';
  if (isDisputed(record)) return 'disputed';
  return isKept(record, window) ? 'kept' : 'no-surplus';
}
