import type { JobId, Ms } from '../brands.ts';
import { MINUTE_MS } from '../clock-units.ts';
import type { Fault } from '../fault.ts';
import { backoffMs, type Random, type Sleep } from '../retry.ts';
import { advanced, afterFault, begun, failed, handedOver, isEnded, isWornOut, type Job } from './job.ts';
import type { JobStore } from './job-store.ts';
import type { Progress } from './task.ts';

/**
 * The work of one slice of a job: yields each point from which it can go on, and ends when the job is over, or soon after the
 * time is up. What was done after the last point is done again by the next slice: it must be harmless.
 */
export type Slice = (job: Job, isTimeUp: () => boolean) => AsyncGenerator<Progress>;

export interface RunContext {
  readonly jobs: Pick<JobStore, 'readJob' | 'saveJob'>;
  readonly slice: Slice;
  /** Classifies what a turn threw, and tells the operators. */
  readonly noteFault: (jobId: JobId, error: unknown) => Fault;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

export type Ran =
  | 'nothing-to-do'
  /** Another runner has it, or had it when it was ended: to be asked again. */
  | 'busy'
  | 'handed-over'
  | 'done'
  | 'failed'
  /** Somebody else wrote the job meanwhile: theirs counts. */
  | 'lost';

/** Leaves half of the function's time to the step that is under way when the time is up. */
export const SLICE_MS = MINUTE_MS;
const BACKOFF = { triesMax: 6, baseMs: 1_000, capMs: 20_000 };

/**
 * Runs one slice of a job. Every write names the version it replaces, and a slice begins with a lease: two runners of one job
 * do no harm. A fault that may pass puts the job back into the queue; a bug, or too many faults in a row, ends it, and the
 * job says why.
 */
export async function runJob(id: JobId, context: RunContext): Promise<Ran> {
  const { jobs, nowMs } = context;
  const found = await jobs.readJob(id);
  if (found === undefined || isEnded(found) || found.status === 'waiting') return 'nothing-to-do';
  const job = begun(found, nowMs());
  if (job === undefined) return 'busy';
  if (isWornOut(found))
    return close(failed(found, 'its slices ended without a word, again and again', nowMs()), context);
  if ((await jobs.saveJob(job)) === 'conflict') return 'busy';
  return work(job, context);
}

async function work(begun: Job, context: RunContext): Promise<Ran> {
  const { jobs, slice, noteFault, nowMs, random, sleep } = context;
  const endMs = nowMs() + SLICE_MS;
  let job = begun;
  try {
    for await (const progress of slice(job, () => nowMs() >= endMs)) {
      job = advanced(job, progress, nowMs());
      if ((await jobs.saveJob(job)) === 'conflict') return 'lost';
    }
  } catch (error) {
    const { retry, message } = noteFault(job.id, error);
    // A bug meets every turn alike: the job's reader learns of it at once.
    if (retry === 'never') return close(failed(job, message, nowMs()), context);
    await sleep(backoffMs(job.tries, BACKOFF, random));
    return close(afterFault(job, message, nowMs()), context);
  }
  return isEnded(job) ? 'done' : close(handedOver(job, nowMs()), context);
}

async function close(job: Job, { jobs }: RunContext): Promise<Ran> {
  if ((await jobs.saveJob(job)) === 'conflict') return 'lost';
  return job.status === 'failed' ? 'failed' : 'handed-over';
}
