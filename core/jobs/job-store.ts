import type { IncidentId, JobId } from '../brands.ts';
import type { Job } from './job.ts';

/** Where jobs live until they expire. A job that is written as `queued` is delivered to a runner, however that ends. */
export interface JobStore {
  /** Writes a new job, once. Atomic. */
  createJob(job: Job): Promise<'created' | 'already-there'>;
  /** The newest order of an incident that was written as waiting; it may be confirmed or over by now. */
  waitingOrder(incidentId: IncidentId): Promise<Job | undefined>;
  /** Strongly consistent. */
  readJob(id: JobId): Promise<Job | undefined>;
  /** Replaces the version before it; `conflict` when somebody else was first, and nothing is written then. */
  saveJob(job: Job): Promise<'saved' | 'conflict'>;
}
