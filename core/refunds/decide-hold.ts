import type { FlagId } from '../brands.ts';
import type { Act } from '../cases/case.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import { type Approval, type Flag, type FlagIn, isUnreconciled } from '../cases/flag.ts';
import { approve as approveFlag, changeApprovals, enforce, may, noteKeep, reopen } from '../cases/flag-transitions.ts';
import { seenOf } from '../cases/seen-facts.ts';
import type { Vote } from '../cases/vote.ts';
import { type ApprovalSigner, type ApprovalVerifier, approvalsFor, withMac } from './approval-macs.ts';
import { type ApproverSums, releaseName } from './approver-sums.ts';
import type { RecordsContext } from './change-record.ts';
import { concludeKeep } from './conclude-attempt.ts';
import { areEnough, isApproved, isEnough, needsTwo } from './policy.ts';
import { recheckSurplus } from './recheck-surplus.ts';
import type { RefundSettings } from './refund-settings.ts';

export interface Decision {
  readonly flagId: FlagId;
  /** The subject of the person's token. */
  readonly by: string;
  readonly reason: string;
}

/** One approver's word on the refund of a flag. */
export interface ApprovalDecision extends Decision {
  /** Another approver gives theirs to the same order: the flag goes on with both, and they take nothing of a sum. */
  readonly isOneOfTwo?: boolean | undefined;
}

/** An approval changes flags alone: the claim that follows it asks record and window. */
export interface ApprovalContext extends CaseContext {
  readonly configuration: RefundSettings;
  readonly approvalMacs: ApprovalSigner & Pick<ApprovalVerifier, 'isMacOf'>;
  readonly approverSums: Pick<ApproverSums, 'countRelease'>;
}

export type DecisionOutcome =
  | { readonly kind: 'done'; readonly flag: Flag }
  /** Another person must say so too: for the amount, or because the first one's sum of the hour has no room for it. */
  | { readonly kind: 'needs-another'; readonly because: 'amount' | 'approver-sum'; readonly flag: Flag }
  | { readonly kind: 'refused'; readonly reason: 'unknown-flag' | 'too-late' | ApprovalRefusal };

/**
 * `own-flag`: who raised a flag does not approve it. `unreconciled`: the processor may have refunded it already.
 * `no-gateway`: its source has none, so that no money can go back.
 */
type ApprovalRefusal = 'own-flag' | 'unreconciled' | 'no-gateway' | 'not-held';

/**
 * A person approves the refund of a flag that waits for people. Above a limit, or above what they may release alone in this
 * hour, it takes two different ones; no approver counts
 * twice, nor where they raised the flag themselves. A flag whose hold has expired, or whose refund failed, is opened anew:
 * its next attempt is approved already. One that was only monitored begins its first attempt: nothing was judged of it
 * yet, so that what else it waits for comes before an approver again. Asking again gives the same answer.
 */
export async function approve(decision: ApprovalDecision, context: ApprovalContext): Promise<DecisionOutcome> {
  const { flagId, by } = decision;
  const [flag] = await changeFlags(
    [flagId],
    async ([waiting]) => {
      if (waiting === undefined || !mayBeApproved(waiting) || refusalOf(waiting, by, context) !== undefined) return [];
      const act = actOf(decision, context);
      const approvals = await withApproval(waiting, { act, isOneOfTwo: decision.isOneOfTwo }, context);
      // Who has approved counts once; a repeated hold may have reset the status, not the approvals.
      const isFirst = decision.isOneOfTwo === true && approvals.length < 2;
      const isAgreed = !isFirst && areEnough(approvals, waiting, context.configuration);
      if (!isAgreed) return isSame(approvals, waiting.approvals) ? [] : [changeApprovals(waiting, approvals, act)];
      if (waiting.status === 'held') return [approveFlag(waiting, { approvals }, act)];
      if (waiting.status === 'monitored') return [enforce(waiting, { approvals }, act)];
      // No money has moved: the attempt before has ended without a claim, or with one that failed for good.
      return [reopen(waiting, { approvals }, act)];
    },
    context,
  );
  if (flag === undefined) return { kind: 'refused', reason: 'unknown-flag' };
  if (!hasVoted(flag.approvals, by)) return { kind: 'refused', reason: refusalOf(flag, by, context) ?? 'not-held' };
  return isApproved(flag, context.configuration) ? { kind: 'done', flag } : needsAnother(flag, context);
}

/**
 * A person says that the charge is meant: from then on it is neither standing nor surplus. Above the limit it takes two
 * different people, as an approval does; the two are counted apart. The record is written before the flag, and the
 * windows are read once more after it: an order that was closed unpaid meanwhile opens the flag again. Asking again gives the same answer.
 */
export async function keep(decision: Decision, context: RecordsContext): Promise<DecisionOutcome> {
  const { by } = decision;
  const flag = await voteToKeep(decision, context);
  if (flag === undefined) return { kind: 'refused', reason: 'unknown-flag' };
  if (flag.status === 'kept') {
    // Asked again: perhaps because the first time ended before the recheck that must follow.
    await recheckSurplus(flag, by, context);
    return { kind: 'done', flag };
  }
  if (!may('keep', flag)) return { kind: 'refused', reason: 'too-late' };
  if (!isEnough(withVote(flag.keeps, actOf(decision, context)), flag, context.configuration)) {
    return { kind: 'needs-another', because: 'amount', flag };
  }
  const act = actOf(decision, context);
  const concluded = await concludeKeep(flag, { act, votesWith: (votes) => withVote(votes, act) }, context);
  const after = concluded.kind === 'concluded' ? concluded.flag : undefined;
  return after?.status === 'kept' ? { kind: 'done', flag: after } : { kind: 'refused', reason: 'too-late' };
}

/** The first of two is noted on the flag alone; who completes the number writes record and flag. */
async function voteToKeep(decision: Decision, context: RecordsContext): Promise<Flag | undefined> {
  const [flag] = await changeFlags(
    [decision.flagId],
    ([now]) => {
      if (now === undefined || !may('keep', now) || hasVoted(now.keeps, decision.by)) return [];
      const act = actOf(decision, context);
      const keeps = withVote(now.keeps, act);
      return isEnough(keeps, now, context.configuration) ? [] : [noteKeep(now, keeps, act)];
    },
    context,
  );
  return flag;
}

function needsAnother(flag: Flag, { configuration }: Pick<ApprovalContext, 'configuration'>): DecisionOutcome {
  return { kind: 'needs-another', because: needsTwo(flag, configuration) ? 'amount' : 'approver-sum', flag };
}

/** Why this person cannot approve the flag; undefined when they can. */
function refusalOf(
  flag: Flag,
  by: string,
  { configuration }: Pick<ApprovalContext, 'configuration'>,
): ApprovalRefusal | undefined {
  if (!mayBeApproved(flag)) return 'not-held';
  // Its list has a refund that we do not know: another one would be paid twice.
  if (isUnreconciled(flag)) return 'unreconciled';
  if (configuration.sourceOf(flag.charge.source)?.isReversible !== true) return 'no-gateway';
  return flag.raisedBy === by ? 'own-flag' : undefined;
}

/** Its refund has not been tried: people have not been asked, or have not answered. */
export function waitsForApproval({ status }: Flag): boolean {
  return status === 'held' || status === 'expired';
}

export function mayBeApproved(flag: Flag): flag is FlagIn<'held' | 'expired' | 'failed' | 'monitored'> {
  return waitsForApproval(flag) || flag.status === 'failed' || flag.status === 'monitored';
}

function actOf({ by, reason }: Decision, { nowMs }: Pick<ApprovalContext, 'nowMs'>): Act {
  return { actor: by, atMs: nowMs(), reason };
}

/** The approvals with this one, which answers what the refund waits for now. What no approver has given is left out. */
async function withApproval(
  flag: FlagIn<'held' | 'expired' | 'failed' | 'monitored'>,
  {
    act: { actor, atMs, reason },
    isOneOfTwo = false,
  }: { readonly act: Act; readonly isOneOfTwo?: boolean | undefined },
  context: ApprovalContext,
): Promise<readonly Approval[]> {
  const attempt = attemptApproved(flag);
  const known = await approvalsFor(attempt, flag, context);
  if (hasVoted(known, actor)) return known;
  const { id, charge } = flag;
  const isAlone = !isOneOfTwo && known.length === 0 && (await mayReleaseAlone(flag, { by: actor, attempt }, context));
  const vote = { by: actor, atMs, reason, ...seenOf(flag), ...(isAlone && { alone: true as const }) };
  return [...known, await withMac(vote, { id, charge, attempt }, context)];
}

/** Counts the refund in the approver's sum of the hour, once for flag, attempt and amount. */
async function mayReleaseAlone(
  flag: Flag,
  { by, attempt }: { readonly by: string; readonly attempt: number },
  { approverSums, configuration, nowMs }: ApprovalContext,
): Promise<boolean> {
  const { amountMinor, currency } = flag.charge;
  const maxMinor = configuration.refunds.approverPerHourMinor[currency];
  if (maxMinor === undefined || needsTwo(flag, configuration)) return false;
  const owner = { kind: 'approver', by, nowMs: nowMs() } as const;
  const release = { owner, name: releaseName(flag, attempt), currency, amountMinor, maxMinor };
  return (await approverSums.countRelease(release)) === 'counted';
}

/** Returns the attempt that an approval lets go: of a flag whose attempt has ended, the next one. */
export function attemptApproved({ status, attempt }: FlagIn<'held' | 'expired' | 'failed' | 'monitored'>): number {
  return status === 'expired' || status === 'failed' ? attempt + 1 : attempt;
}

/** The votes with this one. Who votes twice counts once. */
function withVote(votes: readonly Vote[], { actor, atMs, reason }: Act): readonly [Vote, ...Vote[]] {
  const vote = { by: actor, atMs, reason };
  const [first = vote, ...rest] = hasVoted(votes, actor) ? votes : [...votes, vote];
  return [first, ...rest];
}

function hasVoted(votes: readonly Vote[], by: string): boolean {
  return votes.some((vote) => vote.by === by);
}

function isSame(approvals: readonly Approval[], others: readonly Approval[]): boolean {
  return approvals.length === others.length && approvals.every(({ mac }, at) => mac === others[at]?.mac);
}
