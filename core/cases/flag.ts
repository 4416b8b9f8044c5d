import type { DenialReason } from '../detection/claims.ts';
import type { DetectorAction } from '../detection/detector.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';

export const FLAG_STATUSES = [
  'open',
  'held',
  'approved',
  'expired',
  'refunding',
  'refunded',
  'mistaken',
  'undone',
  'dismissed',
  'kept',
  'failed',
  'watched',
] as const;
export type FlagStatus = (typeof FLAG_STATUSES)[number];

/**
 * Every legal change of a flag's status. `open` and `approved` flags have a workflow on its way; `held`, `expired` and
 * `failed` wait for people, `expired` without a workflow: nobody answered in time. `refunding` holds a claim. A flag opens
 * anew only from states in which no money has moved; a refund made in error is `mistaken` and stays so.
 */
export const NEXT_STATUSES: { readonly [from in FlagStatus]: readonly FlagStatus[] } = {
  open: ['held', 'refunding', 'dismissed', 'kept'],
  held: ['held', 'approved', 'expired', 'dismissed', 'kept'],
  approved: ['held', 'refunding', 'dismissed', 'kept'],
  expired: ['open', 'kept'],
  refunding: ['refunded', 'undone', 'failed', 'dismissed'],
  refunded: ['mistaken'],
  mistaken: [],
  undone: [],
  dismissed: ['open', 'watched', 'kept'],
  kept: ['open', 'watched'],
  failed: ['open', 'kept'],
  watched: ['open', 'kept'],
};

/** Nothing more will happen to it unless the window changes. */
export function isResolved(status: FlagStatus): boolean {
  return ['refunded', 'mistaken', 'undone', 'dismissed', 'kept', 'watched'].includes(status);
}

/** A list of the processor's says otherwise than we, and nobody has explained it. */
export function isUnreconciled({ discrepancy }: Pick<Flag, 'discrepancy'>): boolean {
  return discrepancy !== undefined && discrepancy.settled !== true;
}

/** Something has to happen yet: to the flag, or to what a processor says of it. */
export function isUnresolved(flag: Pick<Flag, 'status' | 'discrepancy'>): boolean {
  return !isResolved(flag.status) || isUnreconciled(flag);
}

/** Why a refund waits for people. `frozen` and `budget` pass by themselves. */
export const HOLD_REASONS = ['review', 'limit', 'budget', 'frozen', 'stale', 'suspect'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export function passesByItself(reason: HoldReason): boolean {
  return reason === 'frozen' || reason === 'budget';
}

/** A person's word on a held refund: of those who approve, and apart from them of those who keep. */
export interface Vote {
  readonly by: string;
  readonly atMs: number;
  readonly reason: string;
}

/** How a processor's list of refunds can differ from what we know of a refund. */
export const DISCREPANCIES = ['not-listed', 'not-known', 'differs', 'twice'] as const;

export interface Discrepancy {
  readonly what: (typeof DISCREPANCIES)[number];
  /** For people. */
  readonly detail: string;
  readonly foundAtMs: number;
  /** A person has explained it, or a later list has the refund as we know it. */
  readonly settled?: true;
  /** Which operator explained it and how; absent where a later list settled it. */
  readonly explained?: Vote;
}

/** The durable record of one surplus charge and of its refund. */
export interface Flag {
  readonly id: string;
  /** The flag id that the original has or would have. */
  readonly caseId: string;
  /** Rises by one with every write. */
  readonly version: number;
  readonly status: FlagStatus;
  /** Counted from 0; rises only when the flag is opened anew. */
  readonly attempt: number;
  readonly charge: Charge;
  readonly timeMs: number;
  readonly original: ChargeRef;
  /** The original as the window knew it; absent when another namespace's window holds it. */
  readonly originalCharge?: Charge;
  /** When the original was captured; absent like it. */
  readonly originalTimeMs?: number;
  /** The detector whose window and action rule the refund now. */
  readonly detector: string;
  /** The detector that found the original; it stays when an order closed unpaid raises the flag to a stronger one. */
  readonly decidedBy: string;
  readonly action: DetectorAction;
  /** Hash of the configuration that raised or last raised the flag. */
  readonly configuration: string;
  /** Every window that remembers the charge: a claim is written to all of them. */
  readonly windows: readonly { readonly detector: string; readonly fingerprint: string }[];
  readonly stale: boolean;
  /** By whose rules the charge is disputed or recalled, and what they call a duplicate. */
  readonly scheme: string;
  readonly reasonCode: string;
  /** By then the matter must be closed. */
  readonly deadlineAtMs: number;
  /** Its deadline was near since then, and it was not resolved. */
  readonly urgentSinceMs?: number;
  /** Whose act opened the flag or its present attempt: that person cannot approve it. */
  readonly raisedBy: string;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly holds?: readonly HoldReason[];
  /** Task token of the workflow that waits while the flag is held. */
  readonly token?: string;
  /** Since when this attempt has waited for people; absent where only a freeze or a budget has held it. */
  readonly waitsSinceMs?: number;
  /** People were told that nobody has answered. */
  readonly escalatedAtMs?: number;
  readonly approvals?: readonly Vote[];
  readonly keeps?: readonly Vote[];
  readonly refundMinor?: number;
  /** When the claim was granted; absent where the run that was granted it died before the flag knew. */
  readonly claimedAtMs?: number;
  /** When we learned that the money has moved: it did between the claim and then. */
  readonly refundedAtMs?: number;
  /** The gateway was asked for the last time and its answer is still unknown: people must ask the processor. */
  readonly unanswered?: true;
  /** The processor's own id for our refund. */
  readonly processorReference?: string;
  readonly denial?: DenialReason;
  /** The denial as people read it, with what was known then. */
  readonly denialText?: string;
  readonly failure?: string;
  /** Who said that the refund was made in error, why, and what shows it. */
  readonly mistake?: Vote & { readonly evidence: string };
  /** A dispute came upon a charge that we are refunding or have refunded: people must look at once. */
  readonly contested?: true;
  /** What the processor's list of refunds says otherwise. */
  readonly discrepancy?: Discrepancy;
}
