import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { iso, maybeIso } from '../clock-units.ts';
import { contentId, count, named, time, type View } from '../queries/view-schema.ts';
import type { Job } from './job.ts';

/** A job as whoever asked for it sees it: how far it is, and how it ended. */
export const jobViewSchema = z
  .strictObject({
    id: contentId,
    kind: z.enum(['export', 'bulk-approval']),
    status: z.enum(['queued', 'running', 'done', 'failed']),
    /** Rows of an export, cases of an incident. */
    done: count,
    total: count.optional(),
    /** Of a bulk approval: what became of the flags that waited. */
    counts: z.strictObject({ approved: count, needAnother: count, skipped: count }).optional(),
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

export interface FileLink {
  readonly url: string;
  readonly expiresAtMs: Ms;
}

export function jobView(job: Job, link?: FileLink): JobView {
  const { id, status, done, total, by, task, failure } = job;
  return {
    id,
    kind: task.kind,
    status,
    done,
    total,
    by,
    failure,
    counts: task.kind === 'bulk-approval' ? task.counts : undefined,
    createdAt: iso(job.createdAtMs),
    updatedAt: iso(job.updatedAtMs),
    link: link?.url,
    linkExpiresAt: maybeIso(link?.expiresAtMs),
  };
}
