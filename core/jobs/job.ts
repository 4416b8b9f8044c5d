import { asJobId, type JobId, type Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import type { Progress, Task } from './task.ts';

/** Work that takes longer than a request may: done in slices, each of which starts where the last one was saved. */
export interface Job<Of extends Task = Task> {
  readonly id: JobId;
  /** Rises by one with every write. */
  readonly version: number;
  /** `waiting`: for the second approver of an order. No runner begins it. */
  readonly status: 'waiting' | 'queued' | 'running' | 'done' | 'failed';
  /** The subject of the token of whoever asked. */
  readonly by: string;
  readonly task: Of;
  /** Of an order to approve refunds: by the decide function, over all of the order. */
  readonly mac?: string;
  /** The second approver's word on the order. */
  readonly confirmed?: Confirmed;
  /** Rows written, or cases walked. */
  readonly done: number;
  /** Absent where nobody knows before the end. */
  readonly total?: number;
  readonly createdAtMs: Ms;
  readonly updatedAtMs: Ms;
  /** Until then the job belongs to the runner that began the slice. */
  readonly leasedUntilMs?: Ms;
  /** Slices begun since the job last advanced. */
  readonly tries: number;
  readonly failure?: string;
}

/** Another approver's vote for an order, with a MAC over the order, its sums, approver and time. */
export interface Confirmed {
  readonly by: string;
  readonly atMs: Ms;
  readonly mac: string;
}

/** Longer than a runner can live, which is as long as its function's time-out (lib/jobs.ts), and its clock's error. */
export const LEASE_MS = 150_000;
/** A fault that this many slices in a row meet is not a passing one. */
const TRIES_MAX = 6;
const FAILURE_LENGTH_MAX = 500;

/** The same person asking for the same in the same millisecond meets the first asking. */
export function newJob<Of extends Task>(
  { task, by, nowMs }: { readonly task: Of; readonly by: string; readonly nowMs: Ms },
  { hash128 }: Pick<PlainDigests, 'hash128'>,
): Job<Of> {
  const id = asJobId(hash128(JSON.stringify([by, nowMs, task])));
  return { id, version: 1, status: 'queued', by, task, done: 0, createdAtMs: nowMs, updatedAtMs: nowMs, tries: 0 };
}

export function isEnded({ status }: Job): boolean {
  return status === 'done' || status === 'failed';
}

/** The write itself is what calls a runner. */
export function queuedBy(job: Job, confirmed: Confirmed): Job {
  return next(job, confirmed.atMs, { status: 'queued', confirmed });
}

/** The job in the hands of one runner; undefined while it is in another's. */
export function begun(job: Job, nowMs: Ms): Job | undefined {
  if (job.leasedUntilMs !== undefined && job.leasedUntilMs > nowMs) return undefined;
  return next(job, nowMs, { status: 'running', tries: job.tries + 1, leasedUntilMs: nowMs + LEASE_MS });
}

/** True when this many slices in a row ended without an advance: another would end so too. */
export function isWornOut({ tries }: Job): boolean {
  return tries >= TRIES_MAX;
}

export function advanced(job: Job, { task, done, total, isOver }: Progress, nowMs: Ms): Job {
  const progress = { task, done, ...(total !== undefined && { total }) };
  if (isOver) return released(job, nowMs, { ...progress, status: 'done', tries: 0 });
  return next(job, nowMs, { ...progress, tries: 0, leasedUntilMs: nowMs + LEASE_MS });
}

/** Back to the queue: the write itself is what calls the next runner. */
export function handedOver(job: Job, nowMs: Ms): Job {
  return released(job, nowMs, { status: 'queued' });
}

/** After a fault: once more, or for good. */
export function afterFault(job: Job, reason: string, nowMs: Ms): Job {
  return isWornOut(job) ? failed(job, reason, nowMs) : handedOver(job, nowMs);
}

export function failed(job: Job, reason: string, nowMs: Ms): Job {
  return released(job, nowMs, { status: 'failed', failure: reason.slice(0, FAILURE_LENGTH_MAX) });
}

function released({ leasedUntilMs: _lease, ...job }: Job, nowMs: Ms, change: Partial<Job>): Job {
  return next(job, nowMs, change);
}

function next(job: Job, nowMs: Ms, change: Partial<Job>): Job {
  return { ...job, ...change, version: job.version + 1, updatedAtMs: nowMs };
}
