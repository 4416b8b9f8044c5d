import type { Minor, Ms } from '../brands.ts';
import type { PayerCase } from './payer-cases.ts';
import type { Ramp } from './ramp.ts';

export interface Allocation {
  /** Names flag and attempt: the same allocation asked again is granted again and counted once. */
  readonly name: string;
  readonly merchant: string;
  readonly currency: string;
  readonly refundMinor: Minor;
  /** Caps for the clock hour; an absent one does not bind. */
  readonly merchantMaxMinor: Minor | undefined;
  readonly totalMaxMinor: Minor | undefined;
  /** Bounds of the day (UTC), of sources whose attestations are young; none bind otherwise. */
  readonly ramps?: readonly Ramp[];
  /** Absent for a charge without a payer. */
  readonly payer?: PayerCase & {
    /** Cases of the payer with a refund within 24 hours, this one included; undefined: no bound. */
    readonly casesMax: number | undefined;
  };
  readonly nowMs: Ms;
}

/** Budgets of refunded value per clock hour (UTC), merchant and currency, and of refunded cases per payer and 24 hours. */
export interface Budgets {
  /**
   * Allocates before the claim: value of the hour and of young sources' days, and the case at its payer. `spent` when a cap would
   * be passed, `day-spent` when only a bound of the day would, `payer-often` when the payer has too many cases; nothing is counted then. Atomic.
   */
  allocate(allocation: Allocation): Promise<'allocated' | 'spent' | 'day-spent' | 'payer-often'>;
  /** Counts the allocation of a granted claim where it is missing, whatever the caps. Reads first; atomic; once a name. */
  ensureAllocated(allocation: Allocation): Promise<void>;
  /** Releases an allocation once: after a denial, or when no money has moved. */
  releaseAllocation(name: string): Promise<void>;
  /** Returns how many other cases of the payer had a refund within 24 hours. A strongly consistent read. */
  otherCases(of: PayerCase, nowMs: Ms): Promise<number>;
}

/** Returns the allocation as one that no cap and no count of cases binds. */
export function withoutCaps(allocation: Allocation): Allocation {
  const { payer, ramps: _, ...rest } = allocation;
  return {
    ...rest,
    merchantMaxMinor: undefined,
    totalMaxMinor: undefined,
    ...(payer && { payer: { ...payer, casesMax: undefined } }),
  };
}
