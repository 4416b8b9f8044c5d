import type { Minor } from '../../core/brands.ts';
import { HOUR_MS } from '../../core/clock-units.ts';
import { type Allocation, type Budgets, withoutCaps } from '../../core/refunds/budgets.ts';

/** Budgets in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryBudgets(): Budgets {
  const spent = new Map<string, number>();
  const allocations = new Map<string, { readonly refundMinor: Minor; readonly counters: readonly string[] }>();
  const add = (counter: string, minor: Minor) => spent.set(counter, (spent.get(counter) ?? 0) + minor);
  const allocate = (allocation: Allocation): 'allocated' | 'spent' => {
    const { name, merchant, currency, refundMinor, merchantMaxMinor, totalMaxMinor, nowMs } = allocation;
    if (allocations.has(name)) return 'allocated';
    const hour = Math.floor(nowMs / HOUR_MS);
    const counters = [`${hour} ${currency} of ${merchant}`, `${hour} ${currency}`];
    const caps = [merchantMaxMinor, totalMaxMinor];
    const isSpent = counters.some((counter, at) => {
      return (spent.get(counter) ?? 0) + refundMinor > (caps[at] ?? Number.POSITIVE_INFINITY);
    });
    if (isSpent) return 'spent';
    allocations.set(name, { refundMinor, counters });
    for (const counter of counters) add(counter, refundMinor);
    return 'allocated';
  };
  return {
    allocate: async (allocation) => allocate(allocation),
    ensureAllocated: async (allocation) => void allocate(withoutCaps(allocation)),
    releaseAllocation: async (name) => {
      const allocation = allocations.get(name);
      allocations.delete(name);
      for (const counter of allocation?.counters ?? []) add(counter, -(allocation?.refundMinor ?? 0));
    },
  };
}
