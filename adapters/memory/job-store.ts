import type { JobId } from '../../core/brands.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';

/** Jobs in this process, under the same conditions as in DynamoDB. For tests. */
export function createMemoryJobStore(): JobStore {
  const jobs = new Map<JobId, Job>();
  return {
    createJob: async (job) => {
      if (jobs.has(job.id)) return 'already-there';
      jobs.set(job.id, job);
      return 'created';
    },
    readJob: async (id) => jobs.get(id),
    saveJob: async (job) => {
      if (jobs.get(job.id)?.version !== job.version - 1) return 'conflict';
      jobs.set(job.id, job);
      return 'saved';
    },
  };
}
