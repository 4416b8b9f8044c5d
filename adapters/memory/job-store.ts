import type { IncidentId, JobId } from '../../core/brands.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';

/** Jobs in this process, under the same conditions as in DynamoDB. For tests. */
export function createMemoryJobStore(): JobStore {
  const jobs = new Map<JobId, Job>();
  const orders = new Map<IncidentId, JobId>();
  return {
    createJob: async (job) => {
      if (jobs.has(job.id)) return 'already-there';
      jobs.set(job.id, job);
      if (job.status === 'waiting' && job.task.kind === 'bulk-approval') orders.set(job.task.incidentId, job.id);
      return 'created';
    },
    waitingOrder: async (incidentId) => {
      const id = orders.get(incidentId);
      return id && jobs.get(id);
    },
    readJob: async (id) => jobs.get(id),
    saveJob: async (job) => {
      if (jobs.get(job.id)?.version !== job.version - 1) return 'conflict';
      jobs.set(job.id, job);
      return 'saved';
    },
  };
}
