import type { IncidentId, JobId, Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { contentionLost } from '../fault.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../refunds/approval-macs.ts';
import type { ApproverSums } from '../refunds/approver-sums.ts';
import type { MinorByCurrency, RefundSettings } from '../refunds/refund-settings.ts';
import { type Job, newJob, queuedBy } from './job.ts';
import { isOrdered, ORDER_MS_MAX, withConfirmMac, withJobMac } from './job-mac.ts';
import type { JobStore } from './job-store.ts';
import { type BulkApprovalTask, NO_COUNTS } from './task.ts';

export interface OrderContext {
  readonly configuration: Pick<RefundSettings, 'refunds'>;
  readonly jobs: Pick<JobStore, 'createJob' | 'readJob' | 'saveJob'>;
  readonly approvalMacs: ApprovalSigner & Pick<ApprovalVerifier, 'isMacOf'>;
  readonly approverSums: Pick<ApproverSums, 'releasedMinor'>;
  readonly digests: Pick<PlainDigests, 'hash128' | 'hash256'>;
  readonly nowMs: () => Ms;
}

export interface ApprovalOrder {
  readonly incidentId: IncidentId;
  readonly reason: string;
  readonly withMonitored: boolean;
  /** What the approver saw: the job releases at most that. */
  readonly sums: MinorByCurrency;
  readonly by: string;
}

export type ConfirmOutcome =
  | { readonly kind: 'confirmed'; readonly job: Job }
  | { readonly kind: 'refused'; readonly reason: 'unknown-order' | 'own-order' | 'order-closed' };

const TRIES_MAX = 5;

/**
 * Orders the approval of what waits in an incident. Above a sum that one approver may release alone the job waits for a
 * second one before anything is approved. The job is begun by being written as queued.
 */
export async function orderApproval(
  { by, withMonitored, ...order }: ApprovalOrder,
  context: OrderContext,
): Promise<Job> {
  const isAlone = await mayOrderAlone(order.sums, by, context);
  const task: BulkApprovalTask = {
    kind: 'bulk-approval',
    ...order,
    ...(withMonitored && { withMonitored }),
    ...(isAlone && { alone: true }),
    counts: NO_COUNTS,
  };
  const made = newJob<BulkApprovalTask>({ task, by, nowMs: context.nowMs() }, context.digests);
  const job = await withJobMac(isAlone ? made : { ...made, status: 'waiting' }, context);
  await context.jobs.createJob(job);
  return job;
}

/** A second approver confirms an order as it is, which begins it. Asking again gives the same answer. */
export async function confirmOrder(
  { id, by }: { readonly id: JobId; readonly by: string },
  context: OrderContext,
): Promise<ConfirmOutcome> {
  for (let lost = 0; lost < TRIES_MAX; lost++) {
    const job = await context.jobs.readJob(id);
    if (job === undefined || job.task.kind !== 'bulk-approval') return { kind: 'refused', reason: 'unknown-order' };
    if (job.by === by) return { kind: 'refused', reason: 'own-order' };
    if (job.confirmed?.by === by) return { kind: 'confirmed', job };
    const order = { ...job, task: job.task };
    const atMs = context.nowMs();
    const isOver = atMs > job.createdAtMs + ORDER_MS_MAX;
    // What no approver has ordered gets no second word.
    if (job.status !== 'waiting' || isOver || !(await isOrdered(order, context))) {
      return { kind: 'refused', reason: 'order-closed' };
    }
    const queued = queuedBy(job, await withConfirmMac(order, { by, atMs }, context));
    if ((await context.jobs.saveJob(queued)) === 'saved') return { kind: 'confirmed', job: queued };
  }
  throw contentionLost('an order', TRIES_MAX);
}

/** No sum is above what takes two, nor above what the approver has left in this hour. */
async function mayOrderAlone(
  sums: MinorByCurrency,
  by: string,
  { configuration: { refunds }, approverSums, nowMs }: OrderContext,
): Promise<boolean> {
  for (const [currency, sumMinor] of Object.entries(sums)) {
    if (sumMinor > (refunds.twoPeopleAboveMinor[currency] ?? Number.POSITIVE_INFINITY)) return false;
    const maxMinor = refunds.approverPerHourMinor[currency];
    if (maxMinor === undefined) continue;
    const releasedMinor = await approverSums.releasedMinor({ kind: 'approver', by, nowMs: nowMs() }, currency);
    if (sumMinor > maxMinor - releasedMinor) return false;
  }
  return true;
}
