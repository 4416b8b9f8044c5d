import type { CaseId, FlagId, Minor, Ms } from '../brands.ts';
import type { Case } from '../cases/case.ts';
import type { Flag } from '../cases/flag.ts';
import { amountMinorOf } from '../cases/flag-history.ts';

/** What one case, or one flag that waits for people, adds to an incident. The newest version counts, once. */
export type Member =
  | {
      readonly kind: 'case';
      readonly id: CaseId;
      readonly version: number;
      readonly merchant: string;
      /** The processor of the original charge. */
      readonly source: string;
      readonly currency: string;
      readonly charges: number;
      readonly atStakeMinor: Minor;
      readonly refundedMinor: Minor;
      readonly resolved: boolean;
      readonly openedAtMs: Ms;
      readonly changedAtMs: Ms;
    }
  | {
      readonly kind: 'flag';
      readonly id: FlagId;
      readonly version: number;
      readonly currency: string;
      readonly waits: Waits;
      readonly amountMinor: Minor;
    };

/** Why people must act on a flag, if they must. */
export type Waits = 'no' | 'held' | 'failed' | 'unknown';

export interface Money {
  readonly atStakeMinor: Minor;
  readonly refundedMinor: Minor;
  readonly heldMinor: Minor;
}

export interface Totals {
  readonly cases: number;
  readonly resolved: number;
  readonly charges: number;
  readonly held: number;
  readonly failed: number;
  readonly unknown: number;
  readonly money: { readonly [currency: string]: Money };
}

export const NOTHING: Totals = { cases: 0, resolved: 0, charges: 0, held: 0, failed: 0, unknown: 0, money: {} };

const COUNTS = ['cases', 'resolved', 'charges', 'held', 'failed', 'unknown'] as const;
const SUMS = ['atStakeMinor', 'refundedMinor', 'heldMinor'] as const;
const NO_MONEY: Money = { atStakeMinor: 0, refundedMinor: 0, heldMinor: 0 };

export function caseMember(of: Case): Member {
  return {
    kind: 'case',
    id: of.id,
    version: of.version,
    merchant: of.merchant,
    source: of.original.source,
    currency: of.currency,
    charges: of.flags,
    atStakeMinor: of.atStakeMinor,
    refundedMinor: of.refundedMinor,
    resolved: of.status === 'resolved',
    openedAtMs: of.openedAtMs,
    changedAtMs: of.updatedAtMs,
  };
}

export function flagMember(flag: Flag): Member {
  const { id, version, charge } = flag;
  const amountMinor = amountMinorOf(flag);
  return { kind: 'flag', id, version, currency: charge.currency, waits: waitsOf(flag), amountMinor };
}

export function waitsOf(flag: Flag): Waits {
  switch (flag.status) {
    case 'held':
    case 'expired':
      return 'held';
    case 'failed':
      return 'failed';
    case 'refunding':
      return flag.unanswered ? 'unknown' : 'no';
    case 'open':
    case 'approved':
    case 'refunded':
    case 'refunded-in-error':
    case 'reversed-externally':
    case 'dismissed':
    case 'kept':
    case 'monitored':
      return 'no';
  }
}

export function totalsOf(members: Iterable<Member>): Totals {
  const counts = { cases: 0, resolved: 0, charges: 0, held: 0, failed: 0, unknown: 0 };
  const money: Record<string, { atStakeMinor: Minor; refundedMinor: Minor; heldMinor: Minor }> = {};
  for (const member of members) {
    money[member.currency] ??= { ...NO_MONEY };
    const sums = money[member.currency]!; // set the line before
    if (member.kind === 'case') {
      counts.cases += 1;
      counts.charges += member.charges;
      counts.resolved += member.resolved ? 1 : 0;
      sums.atStakeMinor += member.atStakeMinor;
      sums.refundedMinor += member.refundedMinor;
    } else if (member.waits !== 'no') {
      counts[member.waits] += 1;
      sums.heldMinor += member.waits === 'held' ? member.amountMinor : 0;
    }
  }
  return { ...counts, money };
}

/** What came about between two totals; a count that fell is negative. */
export function changesBetween(before: Totals, after: Totals): Totals {
  return combine(after, before, (a, b) => a - b);
}

export function addTotals(a: Totals, b: Totals): Totals {
  return combine(a, b, (one, other) => one + other);
}

export function isNothing(totals: Totals): boolean {
  return (
    COUNTS.every((count) => totals[count] === 0) &&
    Object.values(totals.money).every((money) => SUMS.every((sum) => money[sum] === 0))
  );
}

function combine(a: Totals, b: Totals, of: (a: number, b: number) => number): Totals {
  const money: Record<string, Money> = {};
  for (const currency of new Set([...Object.keys(a.money), ...Object.keys(b.money)])) {
    const [one, other] = [a.money[currency] ?? NO_MONEY, b.money[currency] ?? NO_MONEY];
    money[currency] = {
      atStakeMinor: of(one.atStakeMinor, other.atStakeMinor),
      refundedMinor: of(one.refundedMinor, other.refundedMinor),
      heldMinor: of(one.heldMinor, other.heldMinor),
    };
  }
  return {
    cases: of(a.cases, b.cases),
    resolved: of(a.resolved, b.resolved),
    charges: of(a.charges, b.charges),
    held: of(a.held, b.held),
    failed: of(a.failed, b.failed),
    unknown: of(a.unknown, b.unknown),
    money,
  };
}

/** The merchants with most cases, the most first. */
export function largestMerchants(
  members: Iterable<Member>,
  atMost: number,
): readonly { readonly merchant: string; readonly cases: number }[] {
  const counts = new Map<string, number>();
  for (const member of members) {
    if (member.kind === 'case') counts.set(member.merchant, (counts.get(member.merchant) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.slice(0, atMost).map(([merchant, cases]) => ({ merchant, cases }));
}
