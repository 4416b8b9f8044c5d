import type { Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import { DAY_MS } from '../clock-units.ts';
import { bug, Fault } from '../fault.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../refunds/approval-macs.ts';
import { type ApprovalContext, approve, type DecisionOutcome, waitsForApproval } from '../refunds/decide-hold.ts';
import { createPace, type Pace } from '../refunds/pace.ts';
import type { Job } from './job.ts';
import { isOrdered } from './job-mac.ts';
import type { Slice } from './run-job.ts';
import type { BulkApprovalTask, BulkCounts, Progress } from './task.ts';

export interface BulkApprovalContext extends ApprovalContext {
  readonly approvalMacs: ApprovalSigner & Pick<ApprovalVerifier, 'isMacOf'>;
  readonly cases: ApprovalContext['cases'] & Pick<CaseStore, 'flagsOf'>;
  readonly incidents: Pick<IncidentStore, 'membersOf'>;
}

/** Cases between two points from which a job goes on. */
const CASES_PER_POINT = 25;
/** An incident of 100,000 flags takes six hours. An order that is put again later approves nothing. */
const ORDER_MS_MAX = DAY_MS;

/** Returns the slices of jobs that approve. A job without the MAC of its order ends at once: no approver has asked for it. */
export function approvalSlice(context: BulkApprovalContext): Slice {
  return async function* (job, isTimeUp) {
    const { task } = job;
    if (task.kind !== 'bulk-approval') throw bug(`job ${job.id} approves nothing`);
    const order = { ...job, task };
    if (!(await isOrdered(order, context))) {
      throw new Fault('unauthentic', `no approver has ordered job ${job.id}: find out which role wrote it`);
    }
    if (context.nowMs() - job.createdAtMs > ORDER_MS_MAX) {
      throw new Fault('unauthentic', `the order of job ${job.id} is over: an approver must order anew`);
    }
    yield* approveIncident(order, isTimeUp, context);
  };
}

/**
 * Gives one person's approval to each flag that waits in an incident's cases, at a bounded rate, by the same rules as if they
 * had approved each alone; what was only monitored, where the task says so. What began to wait after the order is left out:
 * its approver has not seen it. Doing a part again changes nothing, and counts the same: no approver approves a flag twice.
 */
export async function* approveIncident(
  { by, createdAtMs, task }: Job<BulkApprovalTask>,
  isTimeUp: () => boolean,
  context: BulkApprovalContext,
): AsyncGenerator<Progress> {
  const members = await context.incidents.membersOf(task.incidentId);
  const caseIds = members.flatMap(({ kind, id }) => (kind === 'case' ? [id] : [])).sort();
  const { after = '' } = task;
  const pace = createPace({ perSecond: context.configuration.refunds.bulkApprovalsPerSecond, ...context });
  let { counts } = task;
  let done = caseIds.filter((id) => id <= after).length;
  for (const caseId of caseIds.slice(done)) {
    for (const flag of await context.cases.flagsOf(caseId)) {
      const outcome = await approvalOf(flag, { by, task, sinceMs: createdAtMs }, { ...context, pace });
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
  readonly by: string;
  readonly task: BulkApprovalTask;
  /** When the job was asked for: an approval of this person since then is the job's own, given before a slice ended. */
  readonly sinceMs: Ms;
}

async function approvalOf(
  flag: Flag,
  { by, task, sinceMs }: Approving,
  context: BulkApprovalContext & { readonly pace: Pace },
): Promise<keyof BulkCounts | undefined> {
  const isOurs = flag.approvals.some((approval) => approval.by === by && approval.atMs >= sinceMs);
  if (!waitsForApproval(flag) && !(task.withMonitored && flag.status === 'monitored'))
    return isOurs ? 'approved' : undefined;
  if (waitingSinceMs(flag) > sinceMs) return undefined;
  // A slice that ended in a case of hundreds must get further the next time than where it was.
  if (!isOurs) await context.pace();
  return countedAs(await approve({ flagId: flag.id, by, reason: task.reason }, context));
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

/** When the flag began to wait for an approver; when it was raised, where it is only monitored. */
function waitingSinceMs(flag: Flag): Ms {
  if (flag.status !== 'held' && flag.status !== 'expired') return flag.openedAtMs;
  return flag.wait.asked?.sinceMs ?? flag.updatedAtMs;
}
