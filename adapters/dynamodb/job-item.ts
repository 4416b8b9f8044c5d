import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import {
  caseIdSchema,
  type IncidentId,
  incidentIdSchema,
  type JobId,
  jobIdSchema,
  minorSchema,
  msSchema,
} from '../../core/brands.ts';
import { DAY_MS } from '../../core/clock-units.ts';
import { JOB_DAYS } from '../../core/configuration/retention.ts';
import type { Job } from '../../core/jobs/job.ts';
import { EXPORT_FORMATS } from '../../core/jobs/task.ts';
import { caseFilterSchema } from '../../core/queries/case-filter.ts';
import { type Fields, versionedCodec } from '../../core/versioned.ts';
import { withMember, withNames } from '../words-of-version-1.ts';
import { decodeBody, type Item } from './stored-item.ts';

const count = z.int().nonnegative();
const text = z.string();

const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('export'),
    format: z.enum(EXPORT_FORMATS),
    filter: caseFilterSchema,
    checkpoint: z
      .strictObject({
        upload: z.strictObject({ name: text, id: text }),
        parts: z.array(text),
        rest: text.exactOptional(),
        cursor: text.exactOptional(),
        isRead: z.literal(true).exactOptional(),
      })
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('bulk-approval'),
    incidentId: incidentIdSchema,
    reason: text,
    withMonitored: z.literal(true).exactOptional(),
    sums: z.record(text, minorSchema),
    alone: z.literal(true).exactOptional(),
    after: caseIdSchema.exactOptional(),
    counts: z.strictObject({ approved: count, needAnother: count, skipped: count, beyondSum: count }),
  }),
]);

export const jobCodec = versionedCodec(
  'job',
  z.strictObject({
    id: jobIdSchema,
    version: z.int().positive(),
    status: z.enum(['waiting', 'queued', 'running', 'done', 'failed']),
    by: text,
    task: taskSchema,
    mac: text.exactOptional(),
    confirmed: z.strictObject({ by: text, atMs: msSchema, mac: text }).exactOptional(),
    done: count,
    total: count.exactOptional(),
    createdAtMs: msSchema,
    updatedAtMs: msSchema,
    leasedUntilMs: msSchema.exactOptional(),
    tries: count,
    failure: text.exactOptional(),
  }),
  [(fields) => withMember(fields, 'task', taskFromVersion1), (fields) => withMember(fields, 'task', taskFromVersion2)],
);

function taskFromVersion1(task: Fields): Fields {
  return withNames(task, { place: 'checkpoint' });
}

/** An order from before orders had sums releases nothing. */
function taskFromVersion2({ counts, ...task }: Fields): Fields {
  if (task.kind !== 'bulk-approval') return task;
  return { ...task, sums: {}, counts: { ...(counts as Fields), beyondSum: 0 } };
}

/** Which order of an incident waits for its second approver. */
const orderPointerCodec = versionedCodec('order pointer', z.strictObject({ jobId: jobIdSchema }));

export function orderKey(incidentId: IncidentId): string {
  return `order#${incidentId}`;
}

export function encodeOrderPointer(incidentId: IncidentId, { id, createdAtMs }: Pick<Job, 'id' | 'createdAtMs'>): Item {
  const ttl = Math.ceil((createdAtMs + JOB_DAYS * DAY_MS) / 1_000);
  return marshall({ pk: orderKey(incidentId), ttl, body: orderPointerCodec.encode({ jobId: id }) });
}

export function decodeOrderPointer(item: Item): JobId {
  return decodeBody(orderPointerCodec, item).jobId;
}

export function jobKey(id: JobId): string {
  return `job#${id}`;
}

export function encodeJob(job: Job): Item {
  const { id, version, status, createdAtMs, task } = job;
  const ttl = Math.ceil((createdAtMs + JOB_DAYS * DAY_MS) / 1_000);
  const item = { pk: jobKey(id), id, version, status, kind: task.kind, ttl, body: jobCodec.encode(job) };
  return marshall(item, { removeUndefinedValues: true });
}

export function decodeJob(item: Item): Job {
  return decodeBody(jobCodec, item);
}
