import type { Ms } from '../brands.ts';
import type { Vote } from './vote.ts';

/** How a processor's list of refunds can differ from what we know of a refund. */
export const DISCREPANCIES = ['not-listed', 'not-known', 'differs', 'twice'] as const;

export interface Discrepancy {
  readonly what: (typeof DISCREPANCIES)[number];
  /** For people. */
  readonly detail: string;
  readonly foundAtMs: Ms;
  /** A person has explained it, or a later list has the refund as we know it. */
  readonly resolved?: true;
  /** Which operator explained it and how; absent where a later list resolved it. */
  readonly explained?: Vote;
}
