import type { CaseId, Fingerprint, FlagId, Minor, Ms } from '../brands.ts';
import type { Ground } from '../detection/charge-record.ts';
import type { DenialReason } from '../detection/claims.ts';
import type { DetectorAction } from '../detection/detector.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import type { Discrepancy } from './discrepancy.ts';
import type { JudgedFacts } from './judged-facts.ts';
import type { Vote } from './vote.ts';

export const FLAG_STATUSES = [
  'open',
  'held',
  'approved',
  'expired',
  'refunding',
  'refunded',
  'refunded-in-error',
  'reversed-externally',
  'dismissed',
  'kept',
  'failed',
  'monitored',
] as const;
export type FlagStatus = (typeof FLAG_STATUSES)[number];

/** Every legal change of a flag's status. A flag opens anew only where no money has moved, or where our refund has failed. */
export const NEXT_STATUSES: { readonly [from in FlagStatus]: readonly FlagStatus[] } = {
  open: ['held', 'refunding', 'dismissed', 'kept'],
  held: ['held', 'approved', 'expired', 'dismissed', 'kept'],
  approved: ['held', 'refunding', 'dismissed', 'kept'],
  expired: ['open', 'kept'],
  refunding: ['refunded', 'reversed-externally', 'failed', 'dismissed'],
  refunded: ['refunded-in-error', 'failed'],
  'refunded-in-error': [],
  'reversed-externally': [],
  dismissed: ['open', 'monitored', 'kept'],
  kept: ['open', 'monitored'],
  failed: ['open', 'kept'],
  monitored: ['open', 'kept'],
};

/** Nothing more will happen to it unless the window changes. */
export function isResolved(status: FlagStatus): boolean {
  return ['refunded', 'refunded-in-error', 'reversed-externally', 'dismissed', 'kept', 'monitored'].includes(status);
}

/** A processor's refund report does not match our record, and no operator has explained the difference. */
export function isUnreconciled({ discrepancy }: Pick<FlagFacts, 'discrepancy'>): boolean {
  return discrepancy !== undefined && discrepancy.resolved !== true;
}

/** Something has to happen yet: to the flag, or to what a processor says of it. */
export function isUnresolved(flag: Pick<Flag, 'status' | 'discrepancy'>): boolean {
  return !isResolved(flag.status) || isUnreconciled(flag);
}

/** Why a refund does not go automatically: docs/holds.md. `frozen`, `budget`, `behind` and `silent` end without an approver. */
export const REASONS_TO_WAIT = [
  'may-split',
  'other-payer',
  'other-instrument',
  'other-source',
  'payer-unknown',
  'late',
  'late-copy',
  'stale',
  'recurring',
  'common-order',
  'near-amount',
  'amount-changed',
  'partly-returned',
  'total-disagrees',
  'overpaid',
  'mismatch',
  'closing',
  'unconfirmed',
  'payer-often',
  'empties-order',
  'configuration-changed',
  'review',
  'limit',
  'above-cap',
  'suspect',
  'frozen',
  'budget',
  'behind',
  'silent',
] as const;
export type ReasonToWait = (typeof REASONS_TO_WAIT)[number];

export function passesByItself(reason: ReasonToWait): boolean {
  return reason === 'frozen' || reason === 'budget' || reason === 'behind' || reason === 'silent';
}

/** A vote for the refund. It answers the reasons that it has seen, as they were then, and none that came since. */
export interface Approval extends Vote {
  /** What the refund waited for then, and what that rested on. Absent in approvals from before, which had seen all. */
  readonly saw?: readonly ReasonToWait[];
  readonly facts?: JudgedFacts;
  /** Its approver may release the amount without another: it is within their sum of the hour. */
  readonly alone?: true;
  /** By the decide function, over all of the approval and what it is given for. Without it an approval counts for nothing. */
  readonly mac?: string;
}

/** By which rule a flag is ruled now: the window and action of its detector. */
export interface Rule {
  readonly detector: string;
  readonly action: DetectorAction;
  /** Hash of the configuration that raised or last raised the flag. */
  readonly configuration: string;
  /** By which the detector found the charge. Absent in flags of before version 2. */
  readonly epoch?: string;
}

export interface FlagFacts extends Rule {
  readonly id: FlagId;
  /** The flag id that the original has or would have. */
  readonly caseId: CaseId;
  /** Rises by one with every write. */
  readonly version: number;
  /** Counted from 0; rises only when the flag is opened anew. */
  readonly attempt: number;
  readonly charge: Charge;
  readonly timeMs: Ms;
  readonly original: ChargeRef;
  /** The original as the window knew it, and when it was captured; absent when another namespace's window has it. */
  readonly originalCharge?: Charge;
  readonly originalTimeMs?: Ms;
  /** The detector that found the original; it stays when an order closed unpaid raises the flag to a stronger one. */
  readonly decidedBy: string;
  /** Every window that the charge was filed in. */
  readonly windows: readonly { readonly detector: string; readonly fingerprint: Fingerprint }[];
  readonly stale: boolean;
  /** By whose rules the charge is disputed or recalled, and what they call a duplicate. */
  readonly scheme: string;
  readonly reasonCode: string;
  /** By then the matter must be closed. */
  readonly deadlineAtMs: Ms;
  /** Its deadline was near since then, and it was not resolved. */
  readonly urgentSinceMs?: Ms;
  /** Whose act opened the flag or its present attempt: that person cannot approve it. */
  readonly raisedBy: string;
  readonly openedAtMs: Ms;
  readonly updatedAtMs: Ms;
  /** For the present attempt. A failed attempt has spent its approvals. */
  readonly approvals: readonly Approval[];
  readonly keeps: readonly Vote[];
  /** A dispute came upon a charge that we are refunding or have refunded: people must look at once. */
  readonly contested?: true;
  /** After our refund its order keeps less than it owes. */
  readonly short?: { readonly sinceMs: Ms; readonly why: string };
  /** What differs in the processor's refund report. */
  readonly discrepancy?: Discrepancy;
}

/** How the workflow of an attempt waits, or last waited. */
export interface Wait {
  readonly waitsFor: readonly ReasonToWait[];
  /** What the reasons were judged on; absent for waits from before facts were stored. */
  readonly facts?: JudgedFacts;
  /** Task token that wakes the workflow. */
  readonly token: string;
  /** Absent where only a freeze or a budget has held this attempt. */
  readonly asked?: Asked;
}

/** How long an attempt has waited for an approver. */
export interface Asked {
  readonly sinceMs: Ms;
  /** Operators were notified that no approver has answered. */
  readonly escalatedAtMs?: Ms;
}

/** An attempt that may have waited before it went on. */
interface MayHaveWaited {
  readonly wait?: Wait;
}

/** The one refund that was allowed to this attempt. */
export interface Claimed {
  readonly refundMinor: Minor;
  /** When the claim was granted; `unknown` where the run that was granted it ended before the flag knew. */
  readonly claimedAtMs: Ms | 'unknown';
  /** What proved the refund when it was claimed; empty for refunds from before version 2. */
  readonly restsOn: readonly Ground[];
  /** What the grounds were judged on; absent for claims from before facts were stored. */
  readonly facts?: JudgedFacts;
}

/** Our refund that has moved money. */
interface Refund extends Claimed, MayHaveWaited {
  /** When we learned that the money has moved: it did between the claim and then. */
  readonly refundedAtMs: Ms;
  /** The processor's own id for our refund. */
  readonly processorReference: string;
}

/** How an attempt ended without a claim. */
export interface Denied {
  readonly denial: DenialReason;
  /** The denial as people read it, with what was known then. */
  readonly denialText: string;
  /** A claim that was granted first, and returned before the gateway was called. */
  readonly returned?: Claimed;
}

/** How an attempt ended that the processor refused for good. */
export interface Failure extends Claimed {
  readonly failure: string;
}

/** Who stated that a refund was made in error, why, and what shows it. */
export type RefundError = Vote & { readonly evidence: string };

interface Open extends FlagFacts {
  readonly status: 'open';
}
interface Held extends FlagFacts {
  readonly status: 'held';
  readonly wait: Wait;
}
interface Approved extends FlagFacts {
  readonly status: 'approved';
  readonly wait: Wait;
}
interface Expired extends FlagFacts {
  readonly status: 'expired';
  /** Only what waits for people expires. */
  readonly wait: Wait & { readonly asked: Asked };
}
interface Refunding extends FlagFacts, Claimed, MayHaveWaited {
  readonly status: 'refunding';
  /** The gateway was asked for the last time and its answer is still unknown: people must ask the processor. */
  readonly unanswered?: true;
}
interface Refunded extends FlagFacts, Refund {
  readonly status: 'refunded';
}
interface RefundedInError extends FlagFacts, Refund {
  readonly status: 'refunded-in-error';
  readonly refundError: RefundError;
}
/** The gateway answered our claim: the charge was reversed already. */
interface ReversedBeforeUs extends FlagFacts, Claimed, MayHaveWaited {
  readonly status: 'reversed-externally';
  readonly learnedFrom: 'gateway';
}
/** A processor's list has a refund in our name that no flag knew. */
interface ReversedByUnknown extends FlagFacts {
  readonly status: 'reversed-externally';
  readonly learnedFrom: 'list';
  readonly processorReference?: string;
}
interface Dismissed extends FlagFacts, Denied, MayHaveWaited {
  readonly status: 'dismissed';
}
interface Kept extends FlagFacts, MayHaveWaited {
  readonly status: 'kept';
  readonly keeps: readonly [Vote, ...Vote[]];
  /** How the attempt had ended before a person kept the charge; absent where it had not. */
  readonly ended?: Denied | Failure;
}
interface Failed extends FlagFacts, Failure, MayHaveWaited {
  readonly status: 'failed';
}
interface Monitored extends FlagFacts {
  readonly status: 'monitored';
}

/** The durable record of one surplus charge and of its refund. Its status says which further facts it has. */
export type Flag =
  | Open
  | Held
  | Approved
  | Expired
  | Refunding
  | Refunded
  | RefundedInError
  | ReversedBeforeUs
  | ReversedByUnknown
  | Dismissed
  | Kept
  | Failed
  | Monitored;

/** A flag in one of these statuses. */
export type FlagIn<Status extends FlagStatus> = Extract<Flag, { readonly status: Status }>;

/** A flag whose refund has moved money. */
export type RefundedFlag = FlagIn<'refunded' | 'refunded-in-error'>;

export function hasStatus<Status extends FlagStatus>(flag: Flag, status: Status): flag is FlagIn<Status> {
  return flag.status === status;
}

/** True when our refund has moved money: in error or not. */
export function hasRefunded(flag: Flag): flag is RefundedFlag {
  return flag.status === 'refunded' || flag.status === 'refunded-in-error';
}
