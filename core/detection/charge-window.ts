import type { Fingerprint, Minor, Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';

/** What a window says of a charge: the first of its cluster, or one that came after. It never changes. */
export type Verdict =
  | { readonly kind: 'original' }
  | {
      readonly kind: 'duplicate';
      readonly original: ChargeRef;
      /** The detector that decided: in a weaker window it is the stronger one's id. */
      readonly detector: string;
    };

export interface Captured {
  /** Rank in this window's own order; the lowest is the first remembered. */
  readonly seq: number;
  readonly timeMs: Ms;
  readonly charge: Charge;
  readonly verdict: Verdict;
  readonly stale?: true;
}

/** What proves that a charge is one too many: an attestation of the processors, or the word of approvers. */
export const GROUNDS = ['single-charge', 'closings', 'approval'] as const;
export type Ground = (typeof GROUNDS)[number];

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
    }
  /** A denied claim, or a granted one that was returned before the gateway was called. */
  | { readonly attempt: number; readonly state: 'denied' };

/** Returns true when the gateway was called for the claim, or is about to be. */
export function isCalled(claim: Claim | undefined): boolean {
  return claim?.state === 'claimed' && claim.called === true;
}

/** All that is known of one charge: facts only. Whether it stands is derived from them. */
export interface Entry extends ChargeRef {
  readonly captured?: Captured;
  /** Taken back by others: void, failure, or refunds by others that reached the amount. */
  readonly released?: true;
  /** The largest cumulative refund by others that was seen. */
  readonly refundedTotalMinor?: Minor;
  readonly dispute?: { readonly atMs: Ms; readonly open: boolean; readonly wonBy?: 'merchant' | 'payer' };
  /** A person said that the charge is meant. */
  readonly kept?: true;
  /** Kept once, then its order closed unpaid: a person decides again. */
  readonly reviewOnly?: true;
  readonly ours?: Claim;
}

export type CapturedEntry = Entry & { readonly captured: Captured };

/** The aggregate that remembers the charges under one detector and one key. Immutable. */
export interface ChargeWindow {
  readonly fingerprint: Fingerprint;
  readonly detector: string;
  /** Rises with every transition; 0 was never written. */
  readonly version: number;
  /** From then on the window is as if it had never been; the store drops it before a transition sees it. */
  readonly expiresAtMs: Ms;
  readonly entries: readonly Entry[];
  /** Set by `order.closed`: how many standing charges each cluster owes. Absent: 1. */
  readonly closed?: {
    readonly owed: 0 | 1;
    readonly atMs: Ms;
    /** Who said so. */
    readonly source: string;
    /** Unpaid, and a closing of an earlier event time said paid. */
    readonly afterPaid?: true;
    /** An older closing said unpaid: this one must be remembered as long as that could come again. */
    readonly overrules?: true;
  };
}

/** A window that lives for evidence, not for matching: card schemes' disputes run for up to 120 days. */
export const EVIDENCE_MS = 180 * DAY_MS;
/** DynamoDB items end at 400 KB; half of it leaves room, and no honest key comes near. */
export const ENTRIES_MAX = 1_000;
export const WINDOW_BYTES_MAX = 200 * 1024;

export function emptyWindow(detector: string, fingerprint: Fingerprint): ChargeWindow {
  return { detector, fingerprint, version: 0, expiresAtMs: 0, entries: [] };
}

export function isSameCharge(a: ChargeRef, b: ChargeRef): boolean {
  return a.chargeId === b.chargeId && a.source === b.source;
}

export function entryOf(window: ChargeWindow, ref: ChargeRef): Entry | undefined {
  return window.entries.find((entry) => isSameCharge(entry, ref));
}

/** Released by others: it matches nothing, and its money is not with us any more. */
export function isReleased(entry: Entry): boolean {
  return entry.released === true || entry.dispute?.wonBy === 'payer';
}

export function isDisputed(entry: Entry): boolean {
  return entry.dispute?.open === true;
}

/** Captured, not released, not disputed, not kept, and no claim of ours running or done. */
export function isStanding(entry: Entry): boolean {
  if (entry.captured === undefined || isReleased(entry) || isDisputed(entry) || entry.kept) return false;
  return entry.ours === undefined || entry.ours.state === 'failed' || entry.ours.state === 'denied';
}

export function owedBy(window: ChargeWindow): 0 | 1 {
  return window.closed?.owed ?? 1;
}

/** The charge at the root of an entry's cluster: itself, or the original of its verdict. */
export function rootOf(entry: CapturedEntry): ChargeRef {
  return entry.captured.verdict.kind === 'duplicate' ? entry.captured.verdict.original : entry;
}

/** How many payers the charges have. Nothing says that two charges without a payer are of one: each counts as one more. */
export function payerCount(entries: readonly CapturedEntry[]): number {
  const payers = entries.map(({ captured }) => captured.charge.payer);
  const known = payers.filter((payer) => payer !== undefined);
  return new Set(known).size + payers.length - known.length;
}

/** The standing charges that count for one cluster, in the window's own order. */
export function countedStanding(window: ChargeWindow, root: ChargeRef): readonly CapturedEntry[] {
  return window.entries
    .filter(isCaptured)
    .filter((entry) => isSameCharge(rootOf(entry), root) && counts(window, entry) && isStanding(entry))
    .sort(bySequence);
}

/**
 * The standing charges beyond what is owed, last remembered first to go. In a cluster that owes one, only charges that
 * this window's detector decided; in an order closed unpaid, every charge that stands.
 */
export function surplusOf(window: ChargeWindow): readonly CapturedEntry[] {
  const owed = owedBy(window);
  const clusters = Map.groupBy(window.entries.filter(isCaptured), (entry) => {
    const root = rootOf(entry);
    return `${root.source}\n${root.chargeId}`;
  });
  return [...clusters.values()].flatMap((cluster) => {
    const standing = cluster.filter((entry) => counts(window, entry) && isStanding(entry)).sort(bySequence);
    const surplus = standing.length - owed;
    if (surplus <= 0) return [];
    const candidates = owed === 0 ? standing : standing.filter((entry) => isDecidedBy(entry, window.detector));
    return candidates.slice(-surplus);
  });
}

export function isCaptured(entry: Entry): entry is CapturedEntry {
  return entry.captured !== undefined;
}

/** A charge that a stronger detector decided is that one's to refund: it counts here only once it was dismissed. */
function counts(window: ChargeWindow, entry: CapturedEntry): boolean {
  const { verdict } = entry.captured;
  return verdict.kind === 'original' || verdict.detector === window.detector || entry.ours?.state === 'denied';
}

function bySequence(a: CapturedEntry, b: CapturedEntry): number {
  return a.captured.seq - b.captured.seq;
}

function isDecidedBy(entry: CapturedEntry, detector: string): boolean {
  return entry.captured.verdict.kind === 'duplicate' && entry.captured.verdict.detector === detector;
}
