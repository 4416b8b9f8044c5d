import type { FlagView, TimelineEntry } from '../../../core/queries/views.ts';
import { auditedStatus } from './audited-status.ts';

export interface RefundStep {
  readonly status: FlagView['status'];
  /** What the audit has of it; absent for what is still to come. */
  readonly entry?: TimelineEntry;
  readonly isLast: boolean;
}

const GOES_ON: ReadonlySet<FlagView['status']> = new Set(['open', 'held', 'approved', 'refunding']);

/** What has become of a flag so far, step by step as the audit has it, and the refund if it is still to come. */
export function refundSteps(flag: FlagView, timeline: readonly TimelineEntry[]): readonly RefundStep[] {
  const entries = timeline.filter(({ flagId }) => flagId === flag.id).toSorted((a, b) => a.seq - b.seq);
  const past = entries.map((entry, at) => ({
    status: auditedStatus(entry.to),
    entry,
    isLast: at === entries.length - 1,
  }));
  return GOES_ON.has(flag.status) ? [...past, { status: 'refunded', isLast: false }] : past;
}
