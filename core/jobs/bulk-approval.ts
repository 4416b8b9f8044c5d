import type { JobId, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import { bug, Fault } from '../fault.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { type ApprovalSigner, type ApprovalVerifier, approvalsFor } from '../refunds/approval-macs.ts';
import { releaseName } from '../refunds/approver-sums.ts';
import {
  type ApprovalContext,
  approve,
  attemptApproved,
  type DecisionOutcome,
  mayBeApproved,
  waitsForApproval,
} from '../refunds/decide-hold.ts';
import { createPace, type Pace } from '../refunds/pace.ts';
import type { Job } from './job.ts';
import { isConfirmed, isOrdered, ORDER_MS_MAX } from './job-mac.ts';
import type { Slice } from './run-job.ts';
import type { BulkApprovalTask, BulkCounts, Progress } from './task.ts';

export interface BulkApprovalContext extends ApprovalContext {
  readonly approvalMacs: ApprovalSigner & Pick<ApprovalVerifier, 'isMacOf'>;
  readonly cases: ApprovalContext['cases'] & Pick<CaseStore, 'flagsOf'>;
  readonly incidents: Pick<IncidentStore, 'membersOf'>;
}

/** Cases between two points from which a job goes on. */
const CASES_PER_POINT = 25;

/**
 * Returns the slices of jobs that approve. A job without the MAC of its order ends at once: no approver has asked for it. So does
 * one that takes two approvers and lacks the second one's word.
 */
export function approvalSlice(context: BulkApprovalContext): Slice {
  return async function* (job, isTimeUp) {
    const { task } = job;
    if (task.kind !== 'bulk-approval') throw bug(`job ${job.id} approves nothing`);
    const order = { ...job, task };
    if (!(await isOrdered(order, context))) {
      throw new Fault(
        'unauthentic',
        `no approver has ordered job ${job.id} as it is: find out which role wrote it, or order anew after an upgrade`,
      );
    }
    // An order of one approver has no second word: where there is one, its approver has not given it.
    const isWhole = task.alone === true ? job.confirmed === undefined : await isConfirmed(order, context);
    if (!isWhole) {
      throw new Fault('unauthentic', `no second approver has confirmed job ${job.id}: find out which role wrote it`);
    }
    if (context.nowMs() - (job.confirmed?.atMs ?? job.createdAtMs) > ORDER_MS_MAX) {
      throw new Fault('unauthentic', `the order of job ${job.id} is over: an approver must order anew`);
    }
    yield* approveIncident(order, isTimeUp, context);
  };
}

/**
 * Gives the approval of the order's approver, or of its two, to each flag that waits in an incident's cases, at a bounded rate, by
 * the same rules as if they had approved each alone; what was only monitored, where the task says so. It releases at most the
 * sums of the order. What changed after the order is left out, for other reasons or facts that its approvers have not seen. Doing a part again changes nothing, and counts the same: no approver approves a flag twice.
 */
export async function* approveIncident(
  { id: jobId, by, confirmed, createdAtMs, task }: Job<BulkApprovalTask>,
  isTimeUp: () => boolean,
  context: BulkApprovalContext,
): AsyncGenerator<Progress> {
  const members = await context.incidents.membersOf(task.incidentId);
  const caseIds = members.flatMap(({ kind, id }) => (kind === 'case' ? [id] : [])).sort();
  const { after = '' } = task;
  const pace = createPace({ perSecond: context.configuration.refunds.bulkApprovalsPerSecond, ...context });
  const order = { jobId, approvers: confirmed === undefined ? [by] : [by, confirmed.by], task, sinceMs: createdAtMs };
  let { counts } = task;
  let done = caseIds.filter((id) => id <= after).length;
  for (const caseId of caseIds.slice(done)) {
    for (const flag of await context.cases.flagsOf(caseId)) {
      const outcome = await approvalOf(flag, order, { ...context, pace });
      if (outcome !== undefined) counts = { ...counts, [outcome]: counts[outcome] + 1 };
    }
    done += 1;
    const isOver = done === caseIds.length;
    if (!isOver && !isTimeUp() && done % CASES_PER_POINT !== 0) continue;
    yield { task: { ...task, after: caseId, counts }, done, total: caseIds.length, isOver };
    if (isOver || isTimeUp()) return;
  }
  yield { task: { ...task, counts }, done, total: done, isOver: true };
}

interface Approving {
  readonly jobId: JobId;
  readonly approvers: readonly string[];
  readonly task: BulkApprovalTask;
  /** When the job was asked for: an approval of its approvers since then is the job's own, given before a slice ended. */
  readonly sinceMs: Ms;
}

async function approvalOf(
  flag: Flag,
  { jobId, approvers, task, sinceMs }: Approving,
  context: BulkApprovalContext & { readonly pace: Pace },
): Promise<keyof BulkCounts | undefined> {
  const isOurs = approvers.every((by) => hasGiven(flag, by, sinceMs));
  if (!waitsForApproval(flag) && !(task.withMonitored && flag.status === 'monitored'))
    return isOurs ? 'approved' : undefined;
  if (!mayBeApproved(flag)) return undefined;
  if (changedAtMs(flag) > sinceMs && !(await isBegun(flag, { approvers, task }, context))) return undefined;
  // A slice that ended in a case of hundreds must get further the next time than where it was.
  if (!isOurs) await context.pace();
  const { currency, amountMinor } = flag.charge;
  const owner = { kind: 'order', jobId, nowMs: context.nowMs() } as const;
  const maxMinor = task.sums[currency] ?? 0;
  const release = { owner, name: releaseName(flag, attemptApproved(flag)), currency, amountMinor, maxMinor };
  if ((await context.approverSums.countRelease(release)) === 'beyond') return 'beyondSum';
  const isOneOfTwo = approvers.length > 1;
  let outcome: DecisionOutcome | undefined;
  for (const by of approvers)
    outcome = await approve({ flagId: flag.id, by, reason: task.reason, isOneOfTwo }, context);
  return outcome && countedAs(outcome);
}

function countedAs({ kind }: DecisionOutcome): keyof BulkCounts {
  switch (kind) {
    case 'done':
      return 'approved';
    case 'needs-another':
      return 'needAnother';
    case 'refused':
      return 'skipped';
  }
}

/** Returns true where a slice ended between the words of two approvers, and nothing has changed since. */
async function isBegun(
  flag: Flag,
  { approvers, task }: Pick<Approving, 'approvers' | 'task'>,
  context: BulkApprovalContext,
): Promise<boolean> {
  if (!mayBeApproved(flag) || flag.approvals.length === 0) return false;
  const verified = await approvalsFor(attemptApproved(flag), flag, context);
  return verified.some(
    ({ by, atMs, reason }) => approvers.includes(by) && atMs === flag.updatedAtMs && reason === task.reason,
  );
}

/** Returns true where the approver has approved the flag since then. */
function hasGiven({ approvals }: Flag, by: string, sinceMs: Ms): boolean {
  return approvals.some((given) => given.by === by && given.atMs >= sinceMs);
}

/**
 * Returns when a flag last changed that waits for an approver: it may wait for other reasons since. Of one that is only monitored,
 * when it was raised.
 */
function changedAtMs({ status, openedAtMs, updatedAtMs }: Flag): Ms {
  return status === 'monitored' ? openedAtMs : updatedAtMs;
}
