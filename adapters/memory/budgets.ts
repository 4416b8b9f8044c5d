import type { Minor, Ms } from '../../core/brands.ts';
import { DAY_MS, HOUR_MS } from '../../core/clock-units.ts';
import { type Allocation, type Budgets, withoutCaps } from '../../core/refunds/budgets.ts';
import {
  otherCases,
  type PayerCase,
  type PayerCases,
  withoutRefund,
  withRefund,
} from '../../core/refunds/payer-cases.ts';

interface Allocated {
  readonly hour: number;
  readonly refundMinor: Minor;
  readonly counters: readonly string[];
  readonly payer: (PayerCase & { readonly notedMs: Ms }) | undefined;
}

export type MemoryBudgets = Budgets & {
  /** Returns the start of the clock hour in which an attempt is allocated; undefined where it is not. */
  hourOf(name: string): Ms | undefined;
};

/** Budgets in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryBudgets(): MemoryBudgets {
  const spent = new Map<string, number>();
  const payers = new Map<string, PayerCases>();
  const allocations = new Map<string, Allocated>();
  const add = (counter: string, minor: Minor) => spent.set(counter, (spent.get(counter) ?? 0) + minor);
  const casesOf = (payer: string) => payers.get(payer) ?? [];
  const allocate = (allocation: Allocation): 'allocated' | 'spent' | 'day-spent' | 'payer-often' => {
    const {
      name,
      merchant,
      currency,
      refundMinor,
      merchantMaxMinor,
      totalMaxMinor,
      payer,
      nowMs,
      ramps = [],
    } = allocation;
    if (allocations.has(name)) return 'allocated';
    if (payer?.casesMax !== undefined) {
      if (otherCases(casesOf(payer.payer), payer.caseId, nowMs) >= payer.casesMax) return 'payer-often';
    }
    const hour = Math.floor(nowMs / HOUR_MS);
    const counters = [`${hour} ${currency} of ${merchant}`, `${hour} ${currency}`];
    const caps = [merchantMaxMinor, totalMaxMinor];
    const isBeyond = (counter: string, maxMinor = Number.POSITIVE_INFINITY) =>
      (spent.get(counter) ?? 0) + refundMinor > maxMinor;
    if (counters.some((counter, at) => isBeyond(counter, caps[at]))) return 'spent';
    const day = Math.floor(nowMs / DAY_MS);
    const days = ramps.map(({ source, maxMinor }) => ({ counter: `day ${day} ${currency} of ${source}`, maxMinor }));
    if (days.some(({ counter, maxMinor }) => isBeyond(counter, maxMinor))) return 'day-spent';
    counters.push(...days.map(({ counter }) => counter));
    allocations.set(name, { hour, refundMinor, counters, payer: payer && { ...payer, notedMs: nowMs } });
    for (const counter of counters) add(counter, refundMinor);
    if (payer !== undefined) payers.set(payer.payer, withRefund(casesOf(payer.payer), payer.caseId, nowMs));
    return 'allocated';
  };
  return {
    allocate: async (allocation) => allocate(allocation),
    ensureAllocated: async (allocation) => void allocate(withoutCaps(allocation)),
    releaseAllocation: async (name) => {
      const allocation = allocations.get(name);
      if (allocation === undefined) return;
      const { counters, refundMinor, payer } = allocation;
      allocations.delete(name);
      for (const counter of counters) add(counter, -refundMinor);
      if (payer !== undefined) payers.set(payer.payer, withoutRefund(casesOf(payer.payer), payer));
    },
    hourOf: (name) => {
      const allocation = allocations.get(name);
      return allocation && allocation.hour * HOUR_MS;
    },
    otherCases: async ({ payer, caseId }, nowMs) => otherCases(casesOf(payer), caseId, nowMs),
  };
}
