import type { CaseId, Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';

/** The case whose refund counts at its payer. */
export interface PayerCase {
  /** Digest of namespace and payer. */
  readonly payer: string;
  readonly caseId: CaseId;
}

/** Refunds of one payer's cases. */
export interface CaseRefunds {
  readonly caseId: CaseId;
  /** Claims that hold a note of the case. */
  readonly refunds: number;
  /** When its first and its newest claim were noted. */
  readonly sinceMs: Ms;
  readonly atMs: Ms;
}

/** A payer's cases with a refund, the oldest first. */
export type PayerCases = readonly CaseRefunds[];

const COUNTED_MS = DAY_MS;
/** Twice the largest `payerCasesPerDay`: approved refunds of one payer never make the item large. */
const CASES_MAX = 200;

/** Returns how many other cases of the payer had a refund within 24 hours. */
export function otherCases(cases: PayerCases, caseId: CaseId, nowMs: Ms): number {
  return cases.filter((each) => each.caseId !== caseId && isCounted(each, nowMs)).length;
}

/** Notes one refund more, and forgets cases without a refund within 24 hours. */
export function withRefund(cases: PayerCases, caseId: CaseId, nowMs: Ms): PayerCases {
  const counted = cases.filter((each) => isCounted(each, nowMs));
  const { refunds, sinceMs } = counted.find((each) => each.caseId === caseId) ?? { refunds: 0, sinceMs: nowMs };
  const others = counted.filter((each) => each.caseId !== caseId);
  return [...others, { caseId, refunds: refunds + 1, sinceMs, atMs: nowMs }].slice(-CASES_MAX);
}

/** Takes a refund back that was noted at `notedMs`. A note that was forgotten meanwhile changes nothing. */
export function withoutRefund(cases: PayerCases, { caseId, notedMs }: { caseId: CaseId; notedMs: Ms }): PayerCases {
  return cases.flatMap((each) => {
    if (each.caseId !== caseId || notedMs < each.sinceMs) return [each];
    return each.refunds > 1 ? [{ ...each, refunds: each.refunds - 1 }] : [];
  });
}

function isCounted({ atMs }: CaseRefunds, nowMs: Ms): boolean {
  return nowMs - atMs < COUNTED_MS;
}
