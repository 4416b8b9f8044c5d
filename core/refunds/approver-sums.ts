import type { JobId, Minor, Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';

/** Whose sum it is: what an approver releases alone in one clock hour (UTC), or what one order of an incident may release. */
export type SumOwner =
  | { readonly kind: 'approver'; readonly by: string; readonly nowMs: Ms }
  | { readonly kind: 'order'; readonly jobId: JobId; readonly nowMs: Ms };

/** One refund that an approval is to release under a sum. */
export interface Release {
  readonly owner: SumOwner;
  /** Names flag, attempt and amount: asked again under the same owner it counts once. */
  readonly name: string;
  readonly currency: string;
  readonly amountMinor: Minor;
  readonly maxMinor: Minor;
}

/**
 * What approvals have released, by owner and currency. Only what makes approvals writes here. Nothing is ever subtracted: an
 * approval that was counted and then came too late takes its room.
 */
export interface ApproverSums {
  /** Counts a release once a name; `beyond` where the sum would be passed, and nothing is counted. Atomic. */
  countRelease(release: Release): Promise<'counted' | 'beyond'>;
  /** Returns what is counted. A strongly consistent read. */
  releasedMinor(owner: SumOwner, currency: string): Promise<Minor>;
}

/** Returns the name of a release of a flag's refund in an attempt. Another amount is another release. */
export function releaseName({ id, charge }: Pick<Flag, 'id' | 'charge'>, attempt: number): string {
  return `${id}-${attempt}-${charge.amountMinor}${charge.currency}`;
}
