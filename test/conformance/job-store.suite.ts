import { beforeEach, describe, expect, it } from 'vitest';
import { asCaseId, asIncidentId, asJobId } from '../../core/brands.ts';
import { advanced, begun, handedOver, type Job, newJob } from '../../core/jobs/job.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';
import { NO_COUNTS } from '../../core/jobs/task.ts';
import { START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

const TASK = {
  kind: 'bulk-approval',
  incidentId: asIncidentId('i_1'),
  reason: 'an outage',
  sums: { CNY: 1_000_000 },
  alone: true,
  counts: NO_COUNTS,
} as const;
const JOB: Job = newJob({ task: TASK, by: 'ann', nowMs: START_MS }, digests);
const RUNNING = begunOf(JOB);

/** What every store of jobs must do. */
export function jobStoreSuite(name: string, create: () => Promise<JobStore>): void {
  describe(`the job store ${name}`, () => {
    let store: JobStore;
    beforeEach(async () => {
      store = await create();
    });

    it('knows what was created, and nothing else', async () => {
      expect(await store.readJob(JOB.id)).toBeUndefined();
      expect(await store.createJob(JOB)).toBe('created');
      expect(await store.readJob(JOB.id)).toEqual(JOB);
    });

    it('creates a job once, and leaves what has become of it', async () => {
      await store.createJob(JOB);
      await store.saveJob(RUNNING);
      expect(await store.createJob(JOB)).toBe('already-there');
      expect(await store.readJob(JOB.id)).toEqual(RUNNING);
    });

    it('replaces the version before, and no other', async () => {
      expect(await store.saveJob(RUNNING)).toBe('conflict');
      await store.createJob(JOB);
      expect(await store.saveJob(RUNNING)).toBe('saved');
      expect(await store.saveJob(RUNNING)).toBe('conflict');
      const queued = handedOver(RUNNING, START_MS);
      expect(await store.saveJob(queued)).toBe('saved');
      expect(await store.readJob(JOB.id)).toEqual(queued);
    });

    it('finds the newest order of an incident that waits for its second approver', async () => {
      const later = newJob({ task: TASK, by: 'bob', nowMs: START_MS + 1 }, digests);
      expect(await store.waitingOrder(TASK.incidentId)).toBeUndefined();
      await store.createJob(JOB);
      expect(await store.waitingOrder(TASK.incidentId)).toBeUndefined();
      for (const order of [later, { ...JOB, id: asJobId('0'.repeat(32)) }]) {
        await store.createJob({ ...order, status: 'waiting' });
        expect(await store.waitingOrder(TASK.incidentId)).toMatchObject({ id: order.id, status: 'waiting' });
      }
    });

    it('gives the lease to one of many runners', async () => {
      await store.createJob(JOB);
      const tries = Array.from({ length: 8 }, () => store.saveJob(RUNNING));
      expect((await Promise.all(tries)).filter((outcome) => outcome === 'saved')).toHaveLength(1);
    });

    it('keeps the checkpoint from which a job goes on', async () => {
      await store.createJob(JOB);
      await store.saveJob(RUNNING);
      const counts = { ...NO_COUNTS, approved: 7 };
      const progress = { task: { ...TASK, after: asCaseId('case_7'), counts }, done: 7, total: 9, isOver: false };
      const further = advanced(RUNNING, progress, START_MS);
      expect(await store.saveJob(further)).toBe('saved');
      expect(await store.readJob(JOB.id)).toEqual(further);
    });
  });
}

function begunOf(job: Job): Job {
  const running = begun(job, START_MS);
  if (running === undefined) throw new Error('nobody has it');
  return running;
}
