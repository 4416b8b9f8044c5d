import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../adapters/fault-of.ts';
import { createMemoryJobStore } from '../../../adapters/memory/job-store.ts';
import { asJobId } from '../../../core/brands.ts';
import { bug, Fault } from '../../../core/fault.ts';
import { type Job, LEASE_MS, newJob } from '../../../core/jobs/job.ts';
import type { JobStore } from '../../../core/jobs/job-store.ts';
import { type Ran, type RunContext, runJob, type Slice } from '../../../core/jobs/run-job.ts';
import type { Progress } from '../../../core/jobs/task.ts';
import { MINUTE, SECOND, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';

const TASK = { kind: 'export', format: 'csv', filter: { status: 'open' } } as const;
const JOB = newJob({ task: TASK, by: 'ann', nowMs: START_MS }, digests);
const UNITS = 10;
const GONE = new Fault('dependency-unavailable', 'the table is gone');

/** Ten units of work of twenty seconds each: three fit in a slice. */
function counting(clock: { nowMs: number }): Slice {
  return async function* ({ task, done: from }, isTimeUp) {
    for (let done = from + 1; done <= UNITS; done++) {
      clock.nowMs += 20 * SECOND;
      yield { task, done, total: UNITS, isOver: done === UNITS };
      if (isTimeUp()) return;
    }
  };
}

async function bench(sliceOf: (clock: { nowMs: number }) => Slice = counting) {
  const jobs = createMemoryJobStore();
  await jobs.createJob(JOB);
  const clock = { nowMs: START_MS };
  const faults: unknown[] = [];
  const context: RunContext = {
    jobs,
    slice: sliceOf(clock),
    noteFault: (_jobId, error) => {
      faults.push(error);
      return faultOf(error);
    },
    nowMs: () => clock.nowMs,
    random: () => 0.5,
    sleep: async (ms) => {
      clock.nowMs += ms;
    },
  };
  return { jobs, clock, faults, context, job: () => known(jobs) };
}

async function known(jobs: JobStore): Promise<Job> {
  const job = await jobs.readJob(JOB.id);
  if (job === undefined) throw new Error('the job is lost');
  return job;
}

async function untilEnd(context: RunContext): Promise<readonly Ran[]> {
  const slices: Ran[] = [];
  while (slices.at(-1) !== 'done' && slices.at(-1) !== 'failed') slices.push(await runJob(JOB.id, context));
  return slices;
}

describe('a job', () => {
  it('is done in slices, each of which starts where the last one ended', async () => {
    const { context, job } = await bench();
    expect(await untilEnd(context)).toEqual(['handed-over', 'handed-over', 'handed-over', 'done']);
    expect(await job()).toMatchObject({ status: 'done', done: UNITS, total: UNITS, tries: 0 });
    expect(await job()).not.toHaveProperty('leasedUntilMs');
    expect(await runJob(JOB.id, context)).toBe('nothing-to-do');
  });

  it('that nobody wrote is nothing to do', async () => {
    const { context } = await bench();
    expect(await runJob(asJobId('no'), context)).toBe('nothing-to-do');
  });

  it('belongs to one of two runners that begin at once', async () => {
    const { context, job } = await bench();
    const outcomes = await Promise.all([runJob(JOB.id, context), runJob(JOB.id, context)]);
    expect(outcomes.sort()).toEqual(['busy', 'handed-over']);
    expect((await job()).done).toBe(3);
  });

  it('of a runner that was killed goes on where it was saved, once its lease is over', async () => {
    const { context, clock, job } = await bench();
    const killed = runJob(JOB.id, { ...context, slice: dyingAfter(2, counting(clock)) });
    await Promise.race([killed, new Promise((resolve) => setTimeout(resolve, 20))]);
    expect(await job()).toMatchObject({ status: 'running', done: 2 });
    expect(await runJob(JOB.id, context)).toBe('busy');
    clock.nowMs += LEASE_MS;
    expect(await untilEnd(context)).toHaveLength(3);
    expect((await job()).done).toBe(UNITS);
  });

  it('is not written by a runner whose lease another has taken', async () => {
    const { context, clock, jobs, job } = await bench();
    const sleepy: Slice = async function* (mine, isTimeUp) {
      clock.nowMs += LEASE_MS + MINUTE;
      expect(await runJob(JOB.id, context)).toBe('handed-over');
      yield* counting(clock)(mine, isTimeUp);
    };
    expect(await runJob(JOB.id, { ...context, slice: sleepy })).toBe('lost');
    expect(await job()).toMatchObject({ status: 'queued', done: 3 });
    expect(await jobs.saveJob(JOB)).toBe('conflict');
  });

  it('survives faults that pass', async () => {
    let faults = 0;
    const { context, job } = await bench((clock) => failing(() => faults++ % 2 === 0, counting(clock)));
    await untilEnd(context);
    expect(await job()).toMatchObject({ status: 'done', done: UNITS });
  });

  it('fails by faults that do not, and says why', async () => {
    const { context, job, faults } = await bench((clock) => failing(() => true, counting(clock)));
    expect(await untilEnd(context)).toEqual([...Array(5).fill('handed-over'), 'failed']);
    expect(await job()).toMatchObject({ status: 'failed', failure: 'the table is gone' });
    expect(faults).toHaveLength(6);
  });

  it.each([bug('an export without a place'), new TypeError('x is not a function')])(
    'whose task throws a bug fails at once with its reason: $message',
    async (thrown) => {
      const { context, job, faults, clock } = await bench((of) => failing(() => true, counting(of), thrown));
      expect(await untilEnd(context)).toEqual(['failed']);
      expect(await job()).toMatchObject({ status: 'failed', failure: expect.stringContaining(thrown.message) });
      expect(faults).toEqual([thrown]);
      // One unit of work, and no wait after it.
      expect(clock.nowMs).toBe(START_MS + 20 * SECOND);
    },
  );

  it('fails when its runners are killed again and again before they get on', async () => {
    const { context, clock, job } = await bench();
    const slice = dyingAfter(0, counting(clock));
    for (let time = 0; time < 6; time++) {
      const killed = runJob(JOB.id, { ...context, slice });
      await Promise.race([killed, new Promise((resolve) => setTimeout(resolve, 5))]);
      clock.nowMs += LEASE_MS;
    }
    expect(await runJob(JOB.id, context)).toBe('failed');
    expect((await job()).failure).toMatch(/without a word/);
  });
});

/** Ends as a killed function does: in the middle, without another write. */
function dyingAfter(points: number, slice: Slice): Slice {
  return async function* (job, isTimeUp) {
    let left = points;
    for await (const progress of slice(job, isTimeUp)) {
      if (left-- === 0) await new Promise<Progress>(() => {});
      yield progress;
    }
  };
}

function failing(isDue: () => boolean, slice: Slice, fault: Error = GONE): Slice {
  return async function* (job, isTimeUp) {
    for await (const progress of slice(job, isTimeUp)) {
      if (isDue()) throw fault;
      yield progress;
    }
  };
}
