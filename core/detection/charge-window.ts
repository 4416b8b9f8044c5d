import type { Fingerprint, FlagId, Minor, Ms } from '../brands.ts';

/** What a window says of a charge: the first of its cluster, or one that came after. It never changes. */
export type Verdict =
  | { readonly kind: 'original' }
  | {
      readonly kind: 'duplicate';
      /** The record of the cluster's original. */
      readonly root: FlagId;
      /** The detector that decided: in a weaker window it is the stronger one's id. */
      readonly detector: string;
    };

export type DuplicateVerdict = Extract<Verdict, { readonly kind: 'duplicate' }>;

/** In what another charge must agree with one of the amounts that a charge has had. */
export interface Likeness {
  /** Digest of the fields in which copies agree. */
  readonly same: string;
  /** Only under a detector with `near`. */
  readonly amountMinor?: Minor | undefined;
}

/** A charge's place in a window: membership and order, no facts of the charge. */
export interface WindowEntry extends Likeness {
  /** The charge's record. */
  readonly id: FlagId;
  /** Rank in this window's own order; the lowest is the first remembered. */
  readonly seq: number;
  readonly timeMs: Ms;
  /** From then on the window remembers it for `retain`: the later of event time and first judgement. */
  readonly sinceMs: Ms;
  /** The same with each further amount that the charge has had, where the detector compares amounts. */
  readonly also?: readonly Likeness[] | undefined;
  /** Digest of the processor's id of the money movement, where known: two entries that have the same are one payment. */
  readonly payment?: string | undefined;
  /** Digest of the payer, where the charge has one. */
  readonly payer: string | undefined;
  readonly verdict: Verdict;
}

/** What an order is to cost in one currency, as its sources say. */
export interface OrderTotal {
  readonly currency: string;
  /** By the latest event time; of two at one time the larger, by which less money goes back. */
  readonly totalMinor: Minor;
  readonly atMs: Ms;
  readonly source: string;
  /** The highest that was ever told: a refund is not proved by a total that was lowered. */
  readonly highestMinor: Minor;
}

/** The aggregate that remembers which charges share one detector's key. Immutable. */
export interface ChargeWindow {
  readonly fingerprint: Fingerprint;
  readonly detector: string;
  /** Rises with every write; 0 was never written. */
  readonly version: number;
  /** Rises with what decides claims beside the charges' records: closings, totals and twins. 0: there was none. */
  readonly decisiveVersion: number;
  /** From then on the window is as if it had never been; the store drops it before a transition sees it. */
  readonly expiresAtMs: Ms;
  /** In the order of their sequence. */
  readonly entries: readonly WindowEntry[];
  /** Absent: no source has told one. */
  readonly totals?: readonly OrderTotal[];
  /** Set by `order.closed`: how many standing charges each cluster owes. Absent: 1. */
  readonly closed?: {
    readonly owed: 0 | 1;
    readonly atMs: Ms;
    /** Who said so. */
    readonly source: string;
    /** Unpaid, and a closing of an earlier event time said paid. */
    readonly afterPaid?: true;
    /** It reached the stream later than its detector remembers: it moves no money automatically. */
    readonly stale?: true;
    /** An older closing said unpaid: this one must be remembered as long as that could come again. */
    readonly overrules?: true;
    /** A source that said paid after it had said unpaid. */
    readonly contradictedBy?: string;
  };
}

/** As many further amounts as a charge record knows; an entry that came to have more forgets what its record has forgotten. */
export const LIKENESSES_MAX = 20;
/** DynamoDB items end at 400 KB; half of it leaves room, and no honest key comes near. */
export const ENTRIES_MAX = 1_000;
export const WINDOW_BYTES_MAX = 200 * 1024;

export function emptyWindow(detector: string, fingerprint: Fingerprint): ChargeWindow {
  return { detector, fingerprint, version: 0, decisiveVersion: 0, expiresAtMs: 0, entries: [] };
}

export function entryOf(window: ChargeWindow, id: FlagId): WindowEntry | undefined {
  return window.entries.find((entry) => entry.id === id);
}

/** Returns the record at the root of an entry's cluster: its own, or that of its verdict. */
export function rootOf({ id, verdict }: WindowEntry): FlagId {
  return verdict.kind === 'duplicate' ? verdict.root : id;
}

/** Counts the payers. Nothing says that two charges without a payer are of one: each counts as one more. */
export function payerCount(entries: readonly WindowEntry[]): number {
  const known = entries.flatMap(({ payer }) => payer ?? []);
  return new Set(known).size + entries.length - known.length;
}

export function isSameLikeness(a: Likeness, b: Likeness): boolean {
  return a.same === b.same && a.amountMinor === b.amountMinor;
}

/** Returns true where two charges agree in `same` by any amounts that they have had. */
export function isAlike(one: WindowEntry, other: WindowEntry): boolean {
  if (one.same === other.same) return true;
  if (one.also === undefined && other.also === undefined) return false;
  const known = new Set(likenessesOf(one).map(({ same }) => same));
  return likenessesOf(other).some(({ same }) => known.has(same));
}

export function likenessesOf(entry: WindowEntry): readonly Likeness[] {
  return [entry, ...(entry.also ?? [])];
}

export function owedBy(window: ChargeWindow): 0 | 1 {
  return window.closed?.owed ?? 1;
}

/** Returns the order's total in a currency; undefined where none is known, and where the order owes nothing. */
export function totalOf(window: ChargeWindow, currency: string): OrderTotal | undefined {
  return owedBy(window) === 0 ? undefined : window.totals?.find((total) => total.currency === currency);
}

/** Returns the time of the closing that says unpaid; undefined where none holds. */
export function unpaidMsOf({ closed }: ChargeWindow): Ms | undefined {
  return closed?.owed === 0 ? closed.atMs : undefined;
}

/** A window of one charge without a closing has no surplus, whatever became of the charge. */
export function mayHaveSurplus({ entries, closed }: ChargeWindow): boolean {
  return entries.length > 1 || (closed !== undefined && entries.length > 0);
}
