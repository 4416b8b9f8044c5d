import type { Minor, Ms } from '../brands.ts';

export interface Allocation {
  /** Names flag and attempt: the same allocation asked again is granted again and counted once. */
  readonly name: string;
  readonly merchant: string;
  readonly currency: string;
  readonly refundMinor: Minor;
  /** Caps for the clock hour; an absent one does not bind. */
  readonly merchantMaxMinor: Minor | undefined;
  readonly totalMaxMinor: Minor | undefined;
  readonly nowMs: Ms;
}

/** Budgets of refunded value per clock hour (UTC), merchant and currency. */
export interface Budgets {
  /** Allocates before the claim. `spent` when a cap would be passed; nothing is counted then. Atomic. */
  allocate(allocation: Allocation): Promise<'allocated' | 'spent'>;
  /** Counts the allocation of a granted claim where it is missing, whatever the caps. Reads first; atomic; once a name. */
  ensureAllocated(allocation: Allocation): Promise<void>;
  /** Releases an allocation once: after a denial, or when no money has moved. */
  releaseAllocation(name: string): Promise<void>;
}

/** Returns the allocation as one that no cap binds. */
export function withoutCaps(allocation: Allocation): Allocation {
  return { ...allocation, merchantMaxMinor: undefined, totalMaxMinor: undefined };
}
