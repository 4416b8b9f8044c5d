import type { Fingerprint, FlagId, Minor, Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import { type Adjustment, capturedMinorOf, returnedByOthersMinor, type SingleRefund } from './charge-amounts.ts';
import type { Completed, Mismatch, Repeated } from './told-fields.ts';

/** What the first telling of a capture has fixed. */
export interface Capture {
  readonly charge: Charge;
  readonly timeMs: Ms;
  /** When the first telling reached the stream: decides whether the charge is stale. */
  readonly arrivedMs: Ms;
  /** When the first telling was judged: from then on its windows remember it. */
  readonly seenMs: Ms;
  /** Told so late that an earlier record of it, with our claim in it, may have expired: then it never stands. */
  readonly mayHaveExpired?: true;
  /** The event time of the latest telling: a void that is older no longer holds. */
  readonly latestMs: Ms;
  /** The windows that the charge was filed in: those of its first telling, strongest detector first, then the added ones. */
  readonly windows: readonly FiledIn[];
}

export interface FiledIn {
  readonly detector: string;
  readonly fingerprint: Fingerprint;
  /** The detector was added after the first telling: the windows before it have decided. */
  readonly added?: true;
  /** The namespace that it was begun under, where the charge's source had left it: what is found there waits for an approver. */
  readonly formerNamespace?: string;
}

/** What proves that a charge is one too many: an attestation of the processors, or the word of approvers. */
export const GROUNDS = ['single-charge', 'totals', 'closings', 'approval'] as const;
export type Ground = (typeof GROUNDS)[number];

/** What an event of the processor says of our own refund. */
export interface ReportedRefund {
  readonly atMs: Ms;
  /** The processor's id of the refund; our reference where the event has none. */
  readonly processorReference: string;
}

/** The order's total that a claim rested on. */
export interface RestedTotal {
  readonly source: string;
  readonly totalMinor: Minor;
}

/** How our last attempt was answered, and how far it got. */
export type Claim =
  | {
      readonly attempt: number;
      readonly state: 'claimed';
      /** What the claim allows to refund: the amount less others' partial refunds when it was granted. */
      readonly refundMinor: Minor;
      /** When the claim was granted. */
      readonly atMs: Ms;
      /** What proved it then; empty for claims from before version 2. */
      readonly restsOn: readonly Ground[];
      readonly onTotal?: RestedTotal;
      /** The gateway was called, or is about to be: the claim can no longer be returned. */
      readonly called?: true;
    }
  | {
      readonly attempt: number;
      /** `failed` moved no money. */
      readonly state: 'refunded' | 'reversed-externally' | 'failed';
      readonly refundMinor: Minor;
      readonly atMs: Ms;
      readonly restsOn: readonly Ground[];
      readonly onTotal?: RestedTotal;
      /** The event of the processor, by our reference, that ended it so. */
      readonly reported?: ReportedRefund;
    }
  /** A denied claim, or a granted one that was returned before the gateway was called. */
  | { readonly attempt: number; readonly state: 'denied' };

/** Everything that is known of one charge, in one place. Whether it stands is derived from it. Immutable. */
export interface ChargeRecord extends ChargeRef {
  /** The id that the charge's flag has or would have. */
  readonly id: FlagId;
  /** Rises with every write; 0 was never written. */
  readonly version: number;
  /** From then on the record is as if it had never been. */
  readonly expiresAtMs: Ms;
  /** Absent while only other facts were told: they wait here, and no window names the charge. */
  readonly capture?: Capture;
  /** Amounts that the charge was told to have at other times than at its first telling; the latest of them. */
  readonly adjustments?: readonly Adjustment[];
  /** What its own source told of it after the capture had left it open. Evidence compares it; windows never do. */
  readonly completed?: Completed;
  /** What was told of it before its capture; compared and dropped then. */
  readonly repeated?: readonly Repeated[];
  /** What was told of it otherwise than by its capture. */
  readonly mismatches?: readonly Mismatch[];
  /** The event time of the latest void or failure. */
  readonly releasedMs?: Ms;
  /** The event time of the latest void. */
  readonly voidedMs?: Ms;
  /** All that others refunded, by the telling with the latest event time. */
  readonly refundedByOthers?: { readonly totalMinor: Minor; readonly atMs: Ms };
  /** Refunds by others that were told one by one, each for a later time than the total. */
  readonly singleRefunds?: readonly SingleRefund[];
  readonly dispute?: { readonly atMs: Ms; readonly open: boolean; readonly wonBy?: 'merchant' | 'payer' };
  /** An approver said that the charge is meant, and had seen the unpaid closing of this time, if any. */
  readonly kept?: { readonly unpaidMs?: Ms };
  readonly ours?: Claim;
}

export type CapturedRecord = ChargeRecord & { readonly capture: Capture };

/** Card schemes' disputes run for up to 120 days. */
export const EVIDENCE_MS = 180 * DAY_MS;
/** How long facts wait for their capture. It comes within days; what never comes must not fill the table. */
export const UNCAPTURED_MS = 30 * DAY_MS;

export function emptyRecord(id: FlagId, { source, chargeId }: ChargeRef): ChargeRecord {
  return { id, source, chargeId, version: 0, expiresAtMs: 0 };
}

export function isSameCharge(a: ChargeRef, b: ChargeRef): boolean {
  return a.chargeId === b.chargeId && a.source === b.source;
}

export function isCaptured(record: ChargeRecord | undefined): record is CapturedRecord {
  return record?.capture !== undefined;
}

/** Returns true when the gateway was called for the claim, or is about to be. */
export function isCalled(claim: Claim | undefined): boolean {
  return claim?.state === 'claimed' && claim.called === true;
}

/** Taken back by others: its money is no longer with us. Of capture and void the latest holds, on a tie the void. */
export function isReleased(record: ChargeRecord): boolean {
  const { capture, releasedMs, dispute, ours } = record;
  if (dispute?.wonBy === 'payer' || ours?.state === 'reversed-externally') return true;
  if (releasedMs !== undefined && releasedMs >= (capture?.latestMs ?? Number.NEGATIVE_INFINITY)) return true;
  return isRefundedByOthers(record);
}

/** Others' refunds have reached what is captured. */
export function isRefundedByOthers(record: ChargeRecord): boolean {
  return isCaptured(record) && returnedByOthersMinor(record) >= capturedMinorOf(record);
}

/** Returns true when others have returned nothing of the charge. */
export function isWhole(record: ChargeRecord): boolean {
  return returnedByOthersMinor(record) === 0;
}

export function isDisputed({ dispute }: ChargeRecord): boolean {
  return dispute?.open === true;
}

/** Returns true while no claim of ours runs or has moved money. */
export function isUnclaimed({ ours }: ChargeRecord): boolean {
  return ours === undefined || ours.state === 'failed' || ours.state === 'denied';
}

/** The next version of an item names one state for ever: an item that is removed and begun anew has another one. */
export function nextVersion(version: number, nowMs: Ms): number {
  return Math.max(version + 1, nowMs);
}
