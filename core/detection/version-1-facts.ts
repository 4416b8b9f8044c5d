import { type Returned, withTotal } from './charge-amounts.ts';
import type { ChargeRecord, Claim } from './charge-record.ts';

type Dispute = NonNullable<ChargeRecord['dispute']>;
type Kept = NonNullable<ChargeRecord['kept']>;
type Refunds = NonNullable<ChargeRecord['refundedByOthers']>;

/** Applies `join` where both are known; otherwise the known one holds. */
export function joined<Fact>(
  a: Fact | undefined,
  b: Fact | undefined,
  join: (a: Fact, b: Fact) => Fact,
): Fact | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return join(a, b);
}

/** Returns the dispute with the latest event time; on a tie the open one, then the one that the payer won. */
export function laterDispute(a: Dispute, b: Dispute): Dispute {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return rankOfDispute(a) >= rankOfDispute(b) ? a : b;
}

/** Returns the keep that has seen the later unpaid closing. */
export function laterKeep(a: Kept, b: Kept): Kept {
  return (a.unpaidMs ?? Number.NEGATIVE_INFINITY) >= (b.unpaidMs ?? Number.NEGATIVE_INFINITY) ? a : b;
}

/** Joins the totals of two windows: totals of version 1 only rose, so the larger one is the later one. */
export function largerRefunds(a: Refunds, b: Refunds): Refunds {
  return { totalMinor: Math.max(a.totalMinor, b.totalMinor), atMs: Math.max(a.atMs, b.atMs) };
}

/**
 * Returns what was refunded beside our own refunds. Version 1's total counts up to the last write of its window. Single
 * refunds up to then may be in it or not: they are added, for too much returned lets less money go back.
 */
export function refundsBeside(live: Returned, version1: Refunds | undefined): Returned {
  const { refundedByOthers: total, singleRefunds = [] } = live;
  if (version1 === undefined) return live;
  if (total !== undefined && (total.atMs > version1.atMs || total.totalMinor >= version1.totalMinor)) return live;
  const { atMs } = version1;
  const early = singleRefunds.filter((each) => each.atMs <= atMs);
  const totalMinor = early.reduce((sum, { minor }) => sum + minor, version1.totalMinor);
  return withTotal({ singleRefunds }, { totalMinor, atMs });
}

/**
 * Returns the claim that stands. One that runs or has moved money stands over failures and denials in other windows. Else
 * the latest attempt holds.
 */
export function standingClaim(a: Claim, b: Claim): Claim {
  const [rankA, rankB] = [rankOfClaim(a), rankOfClaim(b)];
  const mayHaveMoved = Math.max(rankA, rankB) >= RANKS.claimed;
  if (mayHaveMoved && rankA !== rankB) return rankA > rankB ? a : b;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt ? a : b;
  return rankA >= rankB ? a : b;
}

/** The same beside a live record. A live failure ends the claim of version 1, or reports that its refund failed later. */
export function claimBeside(live: Claim, version1: Claim): Claim {
  const mayFail = version1.state === 'claimed' || version1.state === 'refunded';
  const hasEnded = live.state === 'failed' && mayFail && live.attempt >= version1.attempt;
  return hasEnded ? live : standingClaim(live, version1);
}

const RANKS = { denied: 0, failed: 1, claimed: 2, 'reversed-externally': 4, refunded: 5 } as const;

function rankOfClaim(claim: Claim): number {
  return RANKS[claim.state] + (claim.state === 'claimed' && claim.called ? 1 : 0);
}

function rankOfDispute({ open, wonBy }: Dispute): number {
  if (open) return 2;
  return wonBy === 'payer' ? 1 : 0;
}
