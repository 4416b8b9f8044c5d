import { describe, expect, it } from 'vitest';
import { createMemoryApprovalMacs } from '../../../adapters/memory/approval-macs.ts';
import { createMemoryApproverSums } from '../../../adapters/memory/approver-sums.ts';
import { asFlagId, asIncidentId } from '../../../core/brands.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { caseMember, flagMember } from '../../../core/incidents/totals.ts';
import { approveIncident, type BulkApprovalContext } from '../../../core/jobs/bulk-approval.ts';
import { type Job, newJob } from '../../../core/jobs/job.ts';
import { type BulkApprovalTask, NO_COUNTS } from '../../../core/jobs/task.ts';
import type { RecordsContext } from '../../../core/refunds/change-record.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { hold } from '../../../core/refunds/hold.ts';
import { arrival, captured, charge, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests, RAPID_REPEAT } from '../../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';

const PER_SECOND = 5;
/** What costs more than 1,000 yuan takes two people. */
const TWO_PEOPLE = { refunds: { twoPeopleAboveMinor: { CNY: 100_000 }, bulkApprovalsPerSecond: PER_SECOND } };

/** An incident of cases, each with one duplicate that waits for an approver, or is only monitored. */
async function incidentOf(cases: number, amountMinor = 12_900, action: 'refund' | 'monitor' = 'refund') {
  const detectors = [{ ...RAPID_REPEAT, action }];
  const { clock, ...rest } = detectionContext(
    configuration({ ...TWO_PEOPLE, ...(action === 'monitor' && { detectors }) }),
  );
  const context: BulkApprovalContext & RecordsContext & { readonly cases: typeof rest.cases } = {
    ...rest,
    approvalMacs: createMemoryApprovalMacs(),
    approverSums: createMemoryApproverSums(),
    incidents: {
      membersOf: async () => [...rest.cases.allCases().map(caseMember), ...rest.cases.allFlags().map(flagMember)],
    },
    sleep: async (ms) => {
      clock.nowMs += ms;
    },
  };
  for (let n = 0; n < cases; n++) {
    const paid = { payer: `p_${n}`, order: undefined, amountMinor };
    const pair = [`a_${n}`, `b_${n}`].map((chargeId) => charge({ chargeId, ...paid }));
    for (const [at, one] of pair.entries()) {
      const event = captured(one, { timeMs: START_MS + at * MINUTE });
      await judgeAndRaise([arrival(event)], rest);
    }
  }
  for (const { id } of context.cases.allFlags().filter(({ status }) => status === 'open')) {
    await hold(
      { flagId: id, attempt: 0, waitsFor: ['review'], token: id },
      { ...rest, ...context, wake: async () => 'woken' },
    );
  }
  return { context, clock, flags: () => context.cases.allFlags() };
}

function jobOf(by: string, nowMs: number, shows: Partial<BulkApprovalTask> = {}): Job<BulkApprovalTask> {
  const task = {
    kind: 'bulk-approval',
    incidentId: asIncidentId('i_1'),
    reason: 'the outage of tonight',
    sums: { CNY: 10_000_000 },
    alone: true,
    counts: NO_COUNTS,
    ...shows,
  } as const;
  return newJob<BulkApprovalTask>({ task, by, nowMs }, digests);
}

/** Slice after slice until the end, or until so many points were saved: the rest of that slice is lost. */
async function run(
  job: Job<BulkApprovalTask>,
  context: BulkApprovalContext,
  {
    isTimeUp = () => false,
    pointsMax = Number.POSITIVE_INFINITY,
  }: { readonly isTimeUp?: () => boolean; readonly pointsMax?: number } = {},
): Promise<Job<BulkApprovalTask>> {
  let at = job;
  let points = 0;
  for (;;) {
    for await (const { task, done, total = 0, isOver } of approveIncident(at, isTimeUp, context)) {
      if (task.kind !== 'bulk-approval') throw new Error('another task');
      at = { ...at, task, done, total };
      if (isOver || ++points === pointsMax) return at;
    }
  }
}

function statuses(flags: readonly Flag[]): ReadonlySet<string> {
  return new Set(flags.map(({ status }) => status));
}

describe('the approval of a whole incident', () => {
  it('approves each flag that waits, in the person’s name and with their reason', async () => {
    const { context, clock, flags } = await incidentOf(8);
    const { done, total, task } = await run(jobOf('ann', clock.nowMs), context);
    expect({ done, total, counts: task.counts }).toEqual({
      done: 8,
      total: 8,
      counts: { approved: 8, needAnother: 0, skipped: 0, beyondSum: 0 },
    });
    expect(statuses(flags())).toEqual(new Set(['approved']));
    for (const { approvals } of flags()) {
      expect(approvals).toMatchObject([{ by: 'ann', reason: 'the outage of tonight' }]);
    }
  });

  it('is no faster than the rate that is set', async () => {
    const { context, clock } = await incidentOf(11);
    const beganMs = clock.nowMs;
    await run(jobOf('ann', beganMs), context);
    expect(clock.nowMs - beganMs).toBe((10 * 1_000) / PER_SECOND);
  });

  it.each([
    ['each of its refunds takes two', 200_000],
    ['one would be enough for each of its refunds', 12_900],
  ])('is given in the names of both approvers where two have ordered it, and %s', async (_, amountMinor) => {
    const { context, clock, flags } = await incidentOf(3, amountMinor);
    const confirmed = { by: 'bob', atMs: clock.nowMs, mac: 'checked before' };
    const { task } = await run({ ...jobOf('ann', clock.nowMs), confirmed }, context);
    expect(task.counts).toEqual({ approved: 3, needAnother: 0, skipped: 0, beyondSum: 0 });
    for (const { approvals } of flags()) expect(approvals.map(({ by }) => by)).toEqual(['ann', 'bob']);
  });

  it('goes on where a slice ended between the words of its two approvers', async () => {
    const { context, clock, flags } = await incidentOf(1);
    const job = jobOf('ann', clock.nowMs);
    const confirmed = { by: 'bob', atMs: clock.nowMs, mac: 'checked before' };
    clock.nowMs += 1;
    const flagId = flags()[0]?.id ?? asFlagId('');
    await approve({ flagId, by: 'ann', reason: job.task.reason, isOneOfTwo: true }, context);
    const { task } = await run({ ...job, confirmed }, context);
    expect(task.counts).toEqual({ approved: 1, needAnother: 0, skipped: 0, beyondSum: 0 });
    expect(flags()[0]?.approvals.map(({ by }) => by)).toEqual(['ann', 'bob']);
  });

  it('releases at most the sum that was ordered, also where it walks the cases again', async () => {
    const { context, clock, flags } = await incidentOf(4);
    const job = jobOf('ann', clock.nowMs, { sums: { CNY: 3 * 12_900 - 1 } });
    const { task } = await run(job, context);
    expect(task.counts).toEqual({ approved: 2, needAnother: 0, skipped: 0, beyondSum: 2 });
    expect((await run(job, context)).task.counts).toEqual(task.counts);
    expect(flags().filter(({ status }) => status === 'approved')).toHaveLength(2);
  });

  it('releases nothing in a currency that the order does not name', async () => {
    const { context, clock } = await incidentOf(2);
    const { task } = await run(jobOf('ann', clock.nowMs, { sums: { JPY: 10_000_000 } }), context);
    expect(task.counts).toEqual({ approved: 0, needAnother: 0, skipped: 0, beyondSum: 2 });
  });

  it('takes a second person where one is not enough, and no one counts twice', async () => {
    const { context, clock, flags } = await incidentOf(3, 200_000);
    const first = await run(jobOf('ann', clock.nowMs), context);
    expect(first.task.counts).toEqual({ approved: 0, needAnother: 3, skipped: 0, beyondSum: 0 });
    const again = await run(jobOf('ann', clock.nowMs + 1), context);
    expect(again.task.counts).toEqual({ approved: 0, needAnother: 3, skipped: 0, beyondSum: 0 });
    expect(statuses(flags())).toEqual(new Set(['held']));
  });

  it('passes over what does not wait, and skips what others decide while it comes to it', async () => {
    const { context, clock, flags } = await incidentOf(3);
    const [first, second] = flags();
    await approve({ flagId: first?.id ?? asFlagId(''), by: 'bob', reason: 'this one' }, context);
    const racing: BulkApprovalContext = {
      ...context,
      sleep: async (ms) => {
        clock.nowMs += ms;
        await approve({ flagId: second?.id ?? asFlagId(''), by: 'bob', reason: 'this one too' }, context);
      },
    };
    const { task } = await run(jobOf('ann', clock.nowMs), racing);
    expect(task.counts.approved + task.counts.skipped).toBe(2);
    expect(statuses(flags())).toEqual(new Set(['approved']));
    expect(flags().flatMap(({ approvals = [] }) => approvals)).toHaveLength(3);
  });

  it('covers what was only monitored where it is asked to, and only there', async () => {
    const { context, clock, flags } = await incidentOf(2, 12_900, 'monitor');
    const job = jobOf('ann', clock.nowMs);
    expect((await run(job, context)).task.counts).toEqual(NO_COUNTS);
    expect(statuses(flags())).toEqual(new Set(['monitored']));
    const { task } = await run({ ...job, task: { ...job.task, withMonitored: true } }, context);
    expect(task.counts).toEqual({ approved: 2, needAnother: 0, skipped: 0, beyondSum: 0 });
    expect(statuses(flags())).toEqual(new Set(['open']));
  });

  it('counts the same when slices end early, or are lost after their work was done', async () => {
    const { context, clock, flags } = await incidentOf(60);
    const job = jobOf('ann', clock.nowMs);
    const saved = await run(job, context, { pointsMax: 1 });
    expect(saved.done).toBe(25);
    const lost = await run(saved, context, { pointsMax: 1 });
    expect(lost.done).toBe(50);
    // The slice that walked 25 to 50 could not save it: another walks them again.
    const { task, done } = await run(saved, context, { isTimeUp: () => true });
    expect(done).toBe(60);
    expect(task.counts).toEqual({ approved: 60, needAnother: 0, skipped: 0, beyondSum: 0 });
    expect(flags().every(({ approvals = [] }) => approvals.length === 1)).toBe(true);
  });

  it('waits for nothing that it has said already: a slice that was ended within a large case gets further', async () => {
    const { context, clock, flags } = await incidentOf(11, 200_000);
    const job = jobOf('ann', clock.nowMs);
    await run(job, context);
    const beganMs = clock.nowMs;
    const { task } = await run(job, context);
    expect(clock.nowMs).toBe(beganMs);
    expect(task.counts).toEqual({ approved: 0, needAnother: 11, skipped: 0, beyondSum: 0 });
    expect(statuses(flags())).toEqual(new Set(['held']));
  });

  it('of an incident in which nothing waits is over at once', async () => {
    const { context, clock } = await incidentOf(0);
    expect(await run(jobOf('ann', clock.nowMs), context)).toMatchObject({ done: 0, total: 0 });
  });
});
