import { HOUR_MS } from '../../core/clock-units.ts';
import type { ApproverSums, SumOwner } from '../../core/refunds/approver-sums.ts';

/** Sums in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryApproverSums(): ApproverSums {
  const counted = new Set<string>();
  const released = new Map<string, number>();
  return {
    countRelease: async ({ owner, name, currency, amountMinor, maxMinor }) => {
      const release = JSON.stringify([nameOf(owner), name]);
      if (counted.has(release)) return 'counted';
      const sum = sumOf(owner, currency);
      const afterMinor = (released.get(sum) ?? 0) + amountMinor;
      if (afterMinor > maxMinor) return 'beyond';
      counted.add(release);
      released.set(sum, afterMinor);
      return 'counted';
    },
    releasedMinor: async (owner, currency) => released.get(sumOf(owner, currency)) ?? 0,
  };
}

function nameOf(owner: SumOwner): string {
  return owner.kind === 'order' ? `order ${owner.jobId}` : `approver ${owner.by}`;
}

function sumOf(owner: SumOwner, currency: string): string {
  const hour = owner.kind === 'order' ? 'all' : Math.floor(owner.nowMs / HOUR_MS);
  return JSON.stringify([nameOf(owner), currency, hour]);
}
