import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { iso, maybeIso } from '../clock-units.ts';
import { contentId, count, minor, named, time, type View } from '../queries/view-schema.ts';
import type { Job } from './job.ts';
import { ORDER_MS_MAX } from './job-mac.ts';
import type { BulkApprovalTask } from './task.ts';

/** A job as whoever asked for it sees it: how far it is, and how it ended. */
export const jobViewSchema = z
  .strictObject({
    id: contentId,
    kind: z.enum(['export', 'bulk-approval']),
    status: z.enum(['waiting', 'queued', 'running', 'done', 'failed']),
    /** Rows of an export, cases of an incident. */
    done: count,
    total: count.optional(),
    /** Of a bulk approval: what became of the flags that waited. */
    counts: z.strictObject({ approved: count, needAnother: count, skipped: count, beyondSum: count }).optional(),
    /** Of a bulk approval: what it covers, and what it releases at most, by currency. */
    order: z
      .strictObject({
        incidentId: z.string(),
        reason: z.string(),
        withMonitored: z.boolean(),
        sums: z.record(z.string(), minor),
      })
      .optional(),
    /** Until when a second approver may confirm an order that waits. */
    confirmBy: time.optional(),
    /** The second approver. */
    confirmedBy: z.string().optional(),
    by: z.string(),
    createdAt: time,
    updatedAt: time,
    /** Where the file of an export that is done can be fetched without a token, for a few minutes. */
    link: z.string().optional(),
    linkExpiresAt: time.optional(),
    failure: z.string().optional(),
  })
  .register(named, { id: 'Job' });
export type JobView = View<typeof jobViewSchema>;

/** What waits in an incident, and the order that waits for its second approver. */
export const incidentApprovalSchema = z
  .strictObject({
    flags: count,
    sums: z.record(z.string(), minor),
    /** False where too many cases have monitored charges: the sums are those of the first ones. */
    isComplete: z.boolean(),
    order: jobViewSchema.optional(),
  })
  .register(named, { id: 'IncidentApproval' });
export type IncidentApproval = View<typeof incidentApprovalSchema>;

export interface FileLink {
  readonly url: string;
  readonly expiresAtMs: Ms;
}

const NOT_CONFIRMED = 'no second approver has confirmed the order within 24 hours';

export function jobView(
  job: Job,
  { nowMs, link }: { readonly nowMs: Ms; readonly link?: FileLink | undefined },
): JobView {
  const { id, done, total, by, task, confirmed } = job;
  const endMs = job.createdAtMs + ORDER_MS_MAX;
  const isWaiting = job.status === 'waiting';
  const isOver = isWaiting && nowMs > endMs;
  const [status, failure] = isOver ? (['failed', NOT_CONFIRMED] as const) : [job.status, job.failure];
  return {
    id,
    kind: task.kind,
    status,
    done,
    total,
    by,
    failure,
    counts: task.kind === 'bulk-approval' ? task.counts : undefined,
    order: task.kind === 'bulk-approval' ? orderView(task) : undefined,
    confirmBy: isWaiting ? iso(endMs) : undefined,
    confirmedBy: confirmed?.by,
    createdAt: iso(job.createdAtMs),
    updatedAt: iso(job.updatedAtMs),
    link: link?.url,
    linkExpiresAt: maybeIso(link?.expiresAtMs),
  };
}

function orderView({ incidentId, reason, withMonitored, sums }: BulkApprovalTask) {
  return { incidentId, reason, withMonitored: withMonitored === true, sums };
}
