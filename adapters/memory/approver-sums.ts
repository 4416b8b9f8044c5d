import type { Ms } from '../../core/brands.ts';
import { HOUR_MS } from '../../core/clock-units.ts';
import type { ApproverSums, SumOwner } from '../../core/refunds/approver-sums.ts';

export type MemoryApproverSums = ApproverSums & {
  /** Returns the start of the clock hour in which a release was counted; undefined where it was not. */
  hourOf(owner: SumOwner, name: string): Ms | undefined;
};

/** Sums in this process, with the answers of the ones in DynamoDB. For tests and the simulator. */
export function createMemoryApproverSums(): MemoryApproverSums {
  const counted = new Map<string, Ms>();
  const released = new Map<string, number>();
  return {
    countRelease: async ({ owner, name, currency, amountMinor, maxMinor }) => {
      const release = JSON.stringify([nameOf(owner), name]);
      if (counted.has(release)) return 'counted';
      const sum = sumOf(owner, currency);
      const afterMinor = (released.get(sum) ?? 0) + amountMinor;
      if (afterMinor > maxMinor) return 'beyond';
      counted.set(release, Math.floor(owner.nowMs / HOUR_MS) * HOUR_MS);
      released.set(sum, afterMinor);
      return 'counted';
    },
    releasedMinor: async (owner, currency) => released.get(sumOf(owner, currency)) ?? 0,
    hourOf: (owner, name) => counted.get(JSON.stringify([nameOf(owner), name])),
  };
}

function nameOf(owner: SumOwner): string {
  return owner.kind === 'order' ? `order ${owner.jobId}` : `approver ${owner.by}`;
}

function sumOf(owner: SumOwner, currency: string): string {
  const hour = owner.kind === 'order' ? 'all' : Math.floor(owner.nowMs / HOUR_MS);
  return JSON.stringify([nameOf(owner), currency, hour]);
}
