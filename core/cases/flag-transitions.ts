import type { Minor } from '../brands.ts';
import type { Act, FlagChange } from './case.ts';
import type { Discrepancy } from './discrepancy.ts';
import {
  type Approval,
  type Asked,
  type Claimed,
  type Denied,
  type Failure,
  type Flag,
  type FlagFacts,
  type FlagIn,
  hasRefunded,
  isUnresolved,
  type RefundError,
  type Rule,
  type Wait,
} from './flag.ts';
import type { Vote } from './vote.ts';

/** Every named transition to another status, and from which statuses it is allowed. NEXT_STATUSES is the same by status. */
export const TRANSITIONS = {
  hold: { from: ['open', 'held', 'approved'], to: 'held' },
  approve: { from: ['held'], to: 'approved' },
  expire: { from: ['held'], to: 'expired' },
  claim: { from: ['open', 'approved'], to: 'refunding' },
  refund: { from: ['refunding'], to: 'refunded' },
  findReversed: { from: ['refunding'], to: 'reversed-externally' },
  fail: { from: ['refunding', 'refunded'], to: 'failed' },
  dismiss: { from: ['open', 'held', 'approved', 'refunding'], to: 'dismissed' },
  keep: { from: ['open', 'held', 'approved', 'expired', 'dismissed', 'failed', 'monitored'], to: 'kept' },
  reopen: { from: ['expired', 'dismissed', 'kept', 'failed'], to: 'open' },
  enforce: { from: ['monitored'], to: 'open' },
  monitor: { from: ['dismissed', 'kept'], to: 'monitored' },
  markRefundedInError: { from: ['refunded'], to: 'refunded-in-error' },
} as const;
export type Transition = keyof typeof TRANSITIONS;

/** A flag from which the transition is allowed. */
export type Before<Name extends Transition> = FlagIn<(typeof TRANSITIONS)[Name]['from'][number]>;

/** Tells whether the transition is allowed from the flag's status. */
export function may<Name extends Transition>(name: Name, flag: Flag): flag is Before<Name> {
  const { from }: { readonly from: readonly string[] } = TRANSITIONS[name];
  return from.includes(flag.status);
}

/** The workflow waits. How long the attempt has waited for people goes on counting. */
export function hold(
  flag: Before<'hold'>,
  {
    isForPeople,
    approvals = flag.approvals,
    ...reasons
  }: Pick<Wait, 'waitsFor' | 'facts' | 'token'> & {
    readonly isForPeople: boolean;
    readonly approvals?: readonly Approval[];
  },
  act: Act,
): FlagChange {
  const known = flag.status === 'open' ? undefined : flag.wait.asked;
  const asked = known ?? (isForPeople ? { sinceMs: act.atMs } : undefined);
  const wait = { ...reasons, ...(asked !== undefined && { asked }) };
  return change(flag, { ...factsOf(flag), approvals, status: 'held', wait }, act);
}

/** The hold has ended: a person has approved it, or what held it is over. */
export function approve(
  flag: Before<'approve'>,
  { approvals = flag.approvals, rule }: { readonly approvals?: readonly Approval[]; readonly rule?: Rule },
  act: Act,
): FlagChange {
  return change(flag, { ...factsOf(flag), ...rule, approvals, status: 'approved', wait: flag.wait }, act);
}

/** Notifies the operators that no approver has answered. */
export function escalate(flag: FlagIn<'held'>, asked: Asked, act: Act): FlagChange {
  return change(flag, { ...flag, wait: { ...flag.wait, asked: { ...asked, escalatedAtMs: act.atMs } } }, act);
}

/** The hold ends unanswered. Only a wait for people can end so. */
export function expire(flag: Before<'expire'>, asked: Asked, act: Act): FlagChange {
  return change(flag, { ...factsOf(flag), status: 'expired', wait: { ...flag.wait, asked } }, act);
}

/** The claim was granted: from here on a refund of this amount may move money. */
export function claim(flag: Before<'claim'>, claimed: Claimed, act: Act): FlagChange {
  return change(flag, { ...factsOf(flag), ...waited(flag), ...claimOf(claimed), status: 'refunding' }, act);
}

/** The processor has moved the money. */
export function refund(
  flag: Before<'refund'>,
  { processorReference }: { readonly processorReference: string },
  act: Act,
): FlagChange {
  const done = { ...claimedFacts(flag), processorReference, refundedAtMs: act.atMs };
  return change(flag, { ...done, status: 'refunded' }, act);
}

/** The processor answered that the charge had been reversed before our refund. */
export function findReversed(flag: Before<'findReversed'>, act: Act): FlagChange {
  return change(flag, { ...claimedFacts(flag), status: 'reversed-externally', learnedFrom: 'gateway' }, act);
}

/** The processor refused for good, or our refund failed after it was done. What was approved has been tried: another attempt needs another approval. */
export function fail(flag: Before<'fail'>, { failure }: Pick<Failure, 'failure'>, act: Act): FlagChange {
  return change(flag, { ...claimedFacts(flag), approvals: [], status: 'failed', failure }, act);
}

/** No refund: the claim was denied, or was returned before the gateway was called. */
export function dismiss(
  flag: Before<'dismiss'>,
  { denial, denialText }: Pick<Denied, 'denial' | 'denialText'>,
  act: Act,
): FlagChange {
  const returned = flag.status === 'refunding' && { returned: claimOf(flag) };
  const after = { ...factsOf(flag), ...waited(flag), ...returned, status: 'dismissed', denial, denialText } as const;
  return change(flag, after, act);
}

/** A person says that the charge is meant. */
export function keep(flag: Before<'keep'>, keeps: readonly [Vote, ...Vote[]], act: Act): FlagChange {
  const ended = endOf(flag);
  const facts = { ...factsOf(flag), ...waited(flag), ...(ended !== undefined && { ended }) };
  return change(flag, { ...facts, status: 'kept', keeps }, act);
}

/** The next attempt begins. What belongs to the attempt before is dropped. */
export function reopen(flag: Before<'reopen'>, opening: Opening, act: Act): FlagChange {
  return change(flag, { ...nextAttempt(flag, opening), status: 'open' }, act);
}

/** A stronger rule or an approver asks for the refund of a charge that was only monitored. This attempt is the first. */
export function enforce(
  flag: Before<'enforce'>,
  { rule, raisedBy = flag.raisedBy, approvals = flag.approvals }: Opening,
  act: Act,
): FlagChange {
  return change(flag, { ...factsOf(flag), ...rule, raisedBy, approvals, status: 'open' }, act);
}

/** Surplus again, under a rule that only monitors. */
export function monitor(flag: Before<'monitor'>, opening: Opening, act: Act): FlagChange {
  return change(flag, { ...nextAttempt(flag, opening), status: 'monitored' }, act);
}

/** A person states that the refund was made in error. */
export function markRefundedInError(
  flag: Before<'markRefundedInError'>,
  refundError: RefundError,
  act: Act,
): FlagChange {
  return change(flag, { ...flag, status: 'refunded-in-error', refundError }, act);
}

/** Another rule rules the flag from here on; its status stays. */
export function changeRule(flag: Flag, rule: Rule, act: Act): FlagChange {
  return change(flag, { ...flag, ...rule }, act);
}

/** A flag under which no refund runs or is done. */
type BeforeClaim = Before<'keep'> | FlagIn<'kept'>;

export function isBeforeClaim(flag: Flag): flag is BeforeClaim {
  return may('keep', flag) || flag.status === 'kept';
}

/** The charge is of another amount now. An approval was given for the amount that the approver saw: it no longer counts. */
export function changeAmount(flag: BeforeClaim, amountMinor: Minor, act: Act): FlagChange {
  return change(flag, { ...flag, charge: { ...flag.charge, amountMinor }, approvals: [] }, act);
}

/** Other approvals than before: one of two, or without what no approver has given. */
export function changeApprovals(flag: Flag, approvals: readonly Approval[], act: Act): FlagChange {
  return change(flag, { ...flag, approvals }, act);
}

/** One of two votes to keep the charge; the flag waits for the other. */
export function noteKeep(flag: Before<'keep'>, keeps: readonly Vote[], act: Act): FlagChange {
  return change(flag, { ...flag, keeps }, act);
}

/** The last answer of the gateway is still unknown. */
export function markUnanswered(flag: FlagIn<'refunding'>, act: Act): FlagChange {
  return change(flag, { ...flag, unanswered: true }, act);
}

export function markContested(flag: Flag, act: Act): FlagChange {
  return change(flag, { ...flag, contested: true }, act);
}

/** Once a flag: an order that comes to be short again needs the same people. */
export function markShort(flag: Flag, why: string, act: Act): FlagChange {
  return change(flag, { ...flag, short: { sinceMs: act.atMs, why } }, act);
}

export function markUrgent(flag: Flag, act: Act): FlagChange {
  return change(flag, { ...flag, urgentSinceMs: act.atMs }, act);
}

/** A processor's list does not match the flag. An approval given before a claim had not seen the list: it no longer counts. */
export function markDiscrepancy(flag: Flag, discrepancy: Discrepancy, act: Act): FlagChange {
  const isTried = hasRefunded(flag) || flag.status === 'refunding';
  return change(flag, { ...flag, ...(!isTried && { approvals: [] }), discrepancy }, act);
}

/** A person has explained the discrepancy, or a later list has the refund. */
export function resolveDiscrepancy(
  flag: Flag,
  resolved: Discrepancy & { readonly resolved: true },
  act: Act,
): FlagChange {
  return change(flag, { ...flag, discrepancy: resolved }, act);
}

interface Raising {
  readonly rule?: Rule;
  readonly raisedBy?: string;
}

export interface Opening extends Raising {
  /** The approvals that the next attempt has already. */
  readonly approvals?: readonly Approval[];
}

function nextAttempt(flag: Flag, { rule, raisedBy = flag.raisedBy, approvals = [] }: Opening): FlagFacts {
  const { contested: _ofAttemptBefore, ...facts } = factsOf(flag);
  return { ...facts, ...rule, raisedBy, approvals, keeps: [], attempt: flag.attempt + 1 };
}

/** What stays of a refund that ran. */
function claimedFacts(flag: Before<'fail'>) {
  return { ...factsOf(flag), ...waited(flag), ...claimOf(flag) };
}

function claimOf({ refundMinor, claimedAtMs, restsOn, facts }: Claimed): Claimed {
  return { refundMinor, claimedAtMs, restsOn, ...(facts !== undefined && { facts }) };
}

function waited(flag: Before<'claim' | 'dismiss' | 'keep' | 'fail'>): { readonly wait?: Wait } {
  if (flag.status === 'open' || flag.status === 'monitored' || flag.wait === undefined) return {};
  return { wait: flag.wait };
}

function endOf(flag: Before<'keep'>): Denied | Failure | undefined {
  if (flag.status === 'failed') {
    return { failure: flag.failure, ...claimOf(flag) };
  }
  if (flag.status !== 'dismissed') return undefined;
  const { denial, denialText, returned } = flag;
  return { denial, denialText, ...(returned !== undefined && { returned }) };
}

/** The facts that a flag has in every status, and nothing else. */
function factsOf(flag: Flag): FlagFacts {
  const { id, caseId, version, attempt, charge, timeMs, original, originalCharge, originalTimeMs } = flag;
  const { detector, action, configuration, epoch, decidedBy, windows, stale, scheme, reasonCode } = flag;
  const { deadlineAtMs, urgentSinceMs, raisedBy, openedAtMs, updatedAtMs, approvals, keeps } = flag;
  const { contested, short, discrepancy } = flag;
  return {
    id,
    caseId,
    version,
    attempt,
    charge,
    timeMs,
    original,
    ...(originalCharge !== undefined && { originalCharge }),
    ...(originalTimeMs !== undefined && { originalTimeMs }),
    detector,
    action,
    configuration,
    ...(epoch !== undefined && { epoch }),
    decidedBy,
    windows,
    stale,
    scheme,
    reasonCode,
    deadlineAtMs,
    ...(urgentSinceMs !== undefined && { urgentSinceMs }),
    raisedBy,
    openedAtMs,
    updatedAtMs,
    approvals,
    keeps,
    ...(contested !== undefined && { contested }),
    ...(short !== undefined && { short }),
    ...(discrepancy !== undefined && { discrepancy }),
  };
}

/** Counts the version and dates the change. What is resolved is no longer urgent; opened again it can become so again. */
function change(before: Flag, next: Flag, act: Act): FlagChange {
  const { urgentSinceMs, ...calm } = next;
  const known = isUnresolved(next) && urgentSinceMs !== undefined ? { urgentSinceMs } : {};
  return { before, after: { ...calm, ...known, version: before.version + 1, updatedAtMs: act.atMs }, act };
}
