import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../refunds/approval-macs.ts';
import type { Confirmed, Job } from './job.ts';
import type { BulkApprovalTask } from './task.ts';

type Digests = Pick<PlainDigests, 'hash256'>;

interface Signing {
  readonly approvalMacs: Pick<ApprovalSigner, 'macOf'>;
  readonly digests: Digests;
}

interface Verifying {
  readonly approvalMacs: Pick<ApprovalVerifier, 'isMacOf'>;
  readonly digests: Digests;
}

/** An order waits this long for its second approver, and is carried out within as long: 100,000 flags take six hours. */
export const ORDER_MS_MAX = DAY_MS;

/** Returns a job that approves refunds with the MAC of its order; any other job as it is. */
export async function withJobMac(job: Job, { approvalMacs, digests }: Signing): Promise<Job> {
  const { task } = job;
  if (task.kind !== 'bulk-approval') return job;
  return { ...job, mac: await approvalMacs.macOf(orderOf({ ...job, task }, digests)) };
}

/** Returns true where an approver has ordered this job: an item in a table is no order. */
export async function isOrdered(job: Job<BulkApprovalTask>, { approvalMacs, digests }: Verifying): Promise<boolean> {
  return job.mac !== undefined && (await approvalMacs.isMacOf(job.mac, orderOf(job, digests)));
}

/** Returns the second approver's word on an order, with its MAC. It covers the order as it is, with its sums. */
export async function withConfirmMac(
  job: Job<BulkApprovalTask>,
  { by, atMs }: { readonly by: string; readonly atMs: Ms },
  { approvalMacs, digests }: Signing,
): Promise<Confirmed> {
  return { by, atMs, mac: await approvalMacs.macOf(confirmationOf(job, { by, atMs }, digests)) };
}

/** Returns true where another approver has confirmed this very order in time. */
export async function isConfirmed(job: Job<BulkApprovalTask>, { approvalMacs, digests }: Verifying): Promise<boolean> {
  const { confirmed, by, createdAtMs } = job;
  if (confirmed === undefined || confirmed.by === by) return false;
  if (confirmed.atMs < createdAtMs || confirmed.atMs > createdAtMs + ORDER_MS_MAX) return false;
  return approvalMacs.isMacOf(confirmed.mac, confirmationOf(job, confirmed, digests));
}

/** What was ordered, without how far it has got. */
function orderOf({ id, by, createdAtMs, task }: Job<BulkApprovalTask>, { hash256 }: Digests): string {
  const { incidentId, reason, withMonitored = false, alone = false } = task;
  const sums = Object.entries(task.sums).sort(([one], [other]) => (one < other ? -1 : 1));
  return `job-2 ${hash256(JSON.stringify([id, by, createdAtMs, incidentId, reason, withMonitored, sums, alone]))}`;
}

function confirmationOf(
  job: Job<BulkApprovalTask>,
  { by, atMs }: Pick<Confirmed, 'by' | 'atMs'>,
  digests: Digests,
): string {
  return `job-confirm-1 ${digests.hash256(JSON.stringify([orderOf(job, digests), by, atMs]))}`;
}
