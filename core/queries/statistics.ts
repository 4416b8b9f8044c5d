import type { CaseId, Minor, Ms } from '../brands.ts';
import type { Case } from '../cases/case.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock-units.ts';

/** What one change of a case adds to the sums of its minute. Named by case and version: written again it is the same. */
export interface CaseFact {
  readonly caseId: CaseId;
  readonly version: number;
  readonly atMs: Ms;
  readonly currency: string;
  readonly duplicates: number;
  readonly refunds: number;
  /** Flags that began to wait for people. */
  readonly held: number;
  readonly flaggedMinor: Minor;
  readonly refundedMinor: Minor;
}

export interface Sums {
  /** Charges judged for the first time. */
  readonly chargesProcessed: number;
  readonly duplicates: number;
  readonly refunds: number;
  readonly held: number;
  readonly money: {
    readonly [currency: string]: { readonly flaggedMinor: Minor; readonly refundedMinor: Minor };
  };
}

export interface SumsAt {
  readonly atMs: Ms;
  readonly sums: Sums;
}

export const NO_SUMS: Sums = { chargesProcessed: 0, duplicates: 0, refunds: 0, held: 0, money: {} };
export const BUCKET_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

/** The difference that a change of a case makes; undefined when it makes none. Differences of all changes add up to the case. */
export function factOf(before: Case | undefined, after: Case): CaseFact | undefined {
  const fact = {
    duplicates: after.flags - (before?.flags ?? 0),
    refunds: after.refunds - (before?.refunds ?? 0),
    held: Math.max(0, after.held - (before?.held ?? 0)),
    flaggedMinor: after.atStakeMinor - (before?.atStakeMinor ?? 0),
    refundedMinor: after.refundedMinor - (before?.refundedMinor ?? 0),
  };
  if (Object.values(fact).every((number) => number === 0)) return undefined;
  const { id: caseId, version, updatedAtMs: atMs, currency } = after;
  return { caseId, version, atMs, currency, ...fact };
}

export function sumOf(facts: readonly CaseFact[], chargesProcessed: number): Sums {
  return facts.reduce((sums, fact) => addSums(sums, asSums(fact)), { ...NO_SUMS, chargesProcessed });
}

export function addSums(a: Sums, b: Sums): Sums {
  const money = { ...a.money };
  for (const [currency, { flaggedMinor, refundedMinor }] of Object.entries(b.money)) {
    const known = money[currency] ?? { flaggedMinor: 0, refundedMinor: 0 };
    money[currency] = {
      flaggedMinor: known.flaggedMinor + flaggedMinor,
      refundedMinor: known.refundedMinor + refundedMinor,
    };
  }
  return {
    chargesProcessed: a.chargesProcessed + b.chargesProcessed,
    duplicates: a.duplicates + b.duplicates,
    refunds: a.refunds + b.refunds,
    held: a.held + b.held,
    money,
  };
}

/** Every bucket that begins in the range (UTC), also those in which nothing happened. */
export function bucketsOf(
  minutes: readonly SumsAt[],
  { fromMs, toMs, bucketMs }: { readonly fromMs: Ms; readonly toMs: Ms; readonly bucketMs: Ms },
): readonly SumsAt[] {
  const floor = (ms: Ms) => Math.floor(ms / bucketMs) * bucketMs;
  const buckets = new Map<number, Sums>();
  for (let atMs = floor(fromMs); atMs < toMs; atMs += bucketMs) buckets.set(atMs, NO_SUMS);
  for (const { atMs, sums } of minutes) {
    const known = buckets.get(floor(atMs));
    if (known !== undefined) buckets.set(floor(atMs), addSums(known, sums));
  }
  return [...buckets].map(([atMs, sums]) => ({ atMs, sums }));
}

export function minuteOf(ms: Ms): Ms {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function asSums({ currency, duplicates, refunds, held, flaggedMinor, refundedMinor }: CaseFact): Sums {
  return { chargesProcessed: 0, duplicates, refunds, held, money: { [currency]: { flaggedMinor, refundedMinor } } };
}
