import type { PlainDigests } from '../detection/fingerprint.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../refunds/approval-macs.ts';
import type { Job } from './job.ts';
import type { BulkApprovalTask } from './task.ts';

type Digests = Pick<PlainDigests, 'hash256'>;

/** Returns a job that approves refunds with the MAC of its order; any other job as it is. */
export async function withJobMac(
  job: Job,
  { approvalMacs, digests }: { readonly approvalMacs: Pick<ApprovalSigner, 'macOf'>; readonly digests: Digests },
): Promise<Job> {
  const { task } = job;
  if (task.kind !== 'bulk-approval') return job;
  return { ...job, mac: await approvalMacs.macOf(orderOf({ ...job, task }, digests)) };
}

/** Returns true where an approver has ordered this job: an item in a table is no order. */
export async function isOrdered(
  job: Job<BulkApprovalTask>,
  { approvalMacs, digests }: { readonly approvalMacs: Pick<ApprovalVerifier, 'isMacOf'>; readonly digests: Digests },
): Promise<boolean> {
  return job.mac !== undefined && (await approvalMacs.isMacOf(job.mac, orderOf(job, digests)));
}

/** What was ordered, without how far it has got. */
function orderOf({ id, by, createdAtMs, task }: Job<BulkApprovalTask>, { hash256 }: Digests): string {
  const { incidentId, reason, withMonitored = false } = task;
  return `job-1 ${hash256(JSON.stringify([id, by, createdAtMs, incidentId, reason, withMonitored]))}`;
}
