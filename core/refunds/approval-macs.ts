import type { FlagId } from '../brands.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import type { Approval, Flag } from '../cases/flag.ts';
import { changeApprovals } from '../cases/flag-transitions.ts';

/** Makes the MAC of an approval. Only what has checked an approver's sign-in may use its key. */
export interface ApprovalSigner {
  /** Returns the MAC of a text of at most 4,096 bytes. Throws when the key cannot be used: the approval is then not given. */
  macOf(text: string): Promise<string>;
}

/** Checks MACs of approvals, without being able to make one. */
export interface ApprovalVerifier {
  /** Returns true for a MAC that the signer made of this text. Throws when the key cannot be used: the refund is then tried again. */
  isMacOf(mac: string, text: string): Promise<boolean>;
  /** Notifies the operators that a flag had approvals which no approver has given. */
  noteForged(forged: { readonly flagId: FlagId; readonly count: number }): void;
}

/** What an approval is given for: a refund of this charge and amount, in one attempt. */
export interface Approved extends Pick<Flag, 'id' | 'charge'> {
  readonly attempt: number;
}

export interface VerifyContext extends CaseContext {
  readonly approvalMacs: ApprovalVerifier;
}

const ACTOR = 'system:approvals';
/** A flag has two approvers at most. Where an item has more, they were not written by an approval. */
const APPROVALS_MAX = 10;

/** Returns the approval with its MAC, which covers each of its fields and what it is given for. */
export async function withMac(
  approval: Approval,
  approved: Approved,
  { approvalMacs, digests }: Pick<CaseContext, 'digests'> & { readonly approvalMacs: ApprovalSigner },
): Promise<Approval> {
  return { ...approval, mac: await approvalMacs.macOf(statementOf(approval, approved, digests)) };
}

/** Returns the approvals of a flag that approvers have given for an attempt, each approver once. */
export function approvalsFor(
  attempt: number,
  { id, charge, approvals }: Flag,
  context: Pick<CaseContext, 'digests'> & { readonly approvalMacs: Pick<ApprovalVerifier, 'isMacOf'> },
): Promise<readonly Approval[]> {
  return verifiedOf({ approvals }, { id, charge, attempt }, context);
}

/**
 * Returns the flag with the approvals that `decide` has made for its present attempt, each approver once. Others are
 * taken off the flag, and its audit says so: an item in a table is no approval. Asking again changes nothing.
 */
export async function withVerifiedApprovals(flag: Flag, context: VerifyContext): Promise<Flag> {
  if (flag.approvals.length === 0) return flag;
  const verified = await verifiedOf(flag, flag, context);
  if (verified.length === flag.approvals.length) return flag;
  const count = flag.approvals.length - verified.length;
  context.approvalMacs.noteForged({ flagId: flag.id, count });
  const [after] = await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.version !== flag.version) return [];
      const reason = `dropped ${count} of ${flag.approvals.length} approvals: no approver has given them for this refund`;
      return [changeApprovals(now, verified, { actor: ACTOR, atMs: context.nowMs(), reason })];
    },
    context,
  );
  // Another worker has changed it meanwhile: what it wrote is not verified yet.
  return after !== undefined && after.version === flag.version + 1 && after.approvals.length === verified.length
    ? after
    : { ...flag, approvals: verified };
}

async function verifiedOf(
  { approvals }: Pick<Flag, 'approvals'>,
  approved: Approved,
  {
    approvalMacs,
    digests,
  }: Pick<CaseContext, 'digests'> & { readonly approvalMacs: Pick<ApprovalVerifier, 'isMacOf'> },
): Promise<readonly Approval[]> {
  const verified: Approval[] = [];
  for (const approval of approvals.slice(0, APPROVALS_MAX)) {
    if (approval.mac === undefined || verified.some(({ by }) => by === approval.by)) continue;
    if (await approvalMacs.isMacOf(approval.mac, statementOf(approval, approved, digests))) verified.push(approval);
  }
  return verified;
}

/** A hash, for a key in KMS takes no long text. Each member has its place, so that no two statements are one text. */
function statementOf(
  { by, atMs, reason, saw, facts, alone }: Approval,
  { id, attempt, charge }: Approved,
  { hash256 }: CaseContext['digests'],
): string {
  const { source, chargeId, amountMinor, currency } = charge;
  const refund = [id, attempt, source, chargeId, amountMinor, currency];
  const statement = [refund, by, atMs, reason, saw ?? null, sorted(facts ?? null)];
  // Without the mark it reads as before there were marks, so that stored approvals stay valid as the first of two.
  if (alone === undefined) return `approval-1 ${hash256(JSON.stringify(statement))}`;
  return `approval-2 ${hash256(JSON.stringify([...statement, alone]))}`;
}

/** A store may return the members of facts in another order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, member]) => [name, sorted(member)]);
}
