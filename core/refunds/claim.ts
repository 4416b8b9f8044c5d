import type { Minor, Ms } from '../brands.ts';
import { changeFlags } from '../cases/change-flag.ts';
import { type Flag, REASONS_TO_WAIT, type ReasonToWait } from '../cases/flag.ts';
import { claim as claimRefund, may } from '../cases/flag-transitions.ts';
import type { JudgedFacts } from '../cases/judged-facts.ts';
import type { ChargeRecord, Ground } from '../detection/charge-record.ts';
import type { ChargeView } from '../detection/charge-view.ts';
import { type ChargeWindow, totalOf } from '../detection/charge-window.ts';
import { decideClaim } from '../detection/claims.ts';
import { recordClaim } from '../detection/record-transitions.ts';
import { attemptName } from '../detection/refund-reference.ts';
import type { Suspension, SuspensionStore } from '../detection/suspensions.ts';
import { bug, contentionLost } from '../fault.ts';
import { backoffMs } from '../retry.ts';
import { type AllocationContext, allocationOf, readOtherCases } from './allocate.ts';
import { type VerifyContext, withVerifiedApprovals } from './approval-macs.ts';
import { type Attempt, decidingFacts, emptyView, flagOf, type Waiting, waitingOf } from './attempt.ts';
import type { ReadersContext } from './await-readers.ts';
import type { Budgets } from './budgets.ts';
import type { CapRaiseStore } from './cap-raise.ts';
import { CONTENTION } from './change-record.ts';
import type { ClaimStore, Grant } from './claim-store.ts';
import { type ConcludeContext, concludeAttempt, type Denial } from './conclude-attempt.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import type { FreezeStore } from './freeze.ts';
import { type Pause, permit, releaseUnclaimed } from './permit.ts';
import { judgeRefund, type RefundPolicy } from './policy.ts';
import type { RampContext } from './ramp.ts';
import { recheckSurplus } from './recheck-surplus.ts';

export interface ClaimContext
  extends ConcludeContext,
    VerifyContext,
    Pick<ReadersContext, 'lag'>,
    Pick<RampContext, 'attestedSince'> {
  readonly configuration: ConcludeContext['configuration'] & RefundPolicy & AllocationContext<never>['configuration'];
  readonly digests: ConcludeContext['digests'] & AllocationContext<never>['digests'];
  readonly claims: ClaimStore;
  readonly budgets: Budgets;
  readonly raises: Pick<CapRaiseStore, 'raisesIn'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen' | 'isMigrating'>;
  readonly suspensions: Pick<SuspensionStore, 'suspensionsOf'>;
}

const ACTOR = 'system:claim';

export type Claimed = Attempt & ({ readonly next: 'reverse' | 'end' } | Pause);

/**
 * Asks for the one refund that the cluster's surplus allows. The budget is allocated before a grant and returned after a
 * denial. The answer, granted or denied, is written to the charge's record before the flag follows: after a crash at any
 * point the same question gets the same answer.
 */
export async function claim({ flagId, attempt }: Attempt, context: ClaimContext): Promise<Claimed> {
  const same = { flagId, attempt };
  const flag = await flagOf(same, context);
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'refunding':
      // A run before this one may have died between release and check (`releaseUnclaimed`).
      await context.budgets.ensureAllocated(
        allocationOf(flag, { refundMinor: flag.refundMinor, replay: true }, context),
      );
      return { ...same, next: 'reverse' };
    case 'held':
      return { ...same, next: 'hold', ...waitingOf(flag.wait) };
    case 'dismissed':
      // The crash may have come between the dismissal and the recheck that must follow it.
      await recheckSurplus(flag, ACTOR, context);
      return { ...same, next: 'end' };
    case 'kept':
      // A run before this one may have allocated budget and died.
      await context.budgets.releaseAllocation(attemptName(flag));
      return { ...same, next: 'end' };
    case 'open':
    case 'approved':
      // An approval of an expired flag is for the next attempt: only what goes on is verified.
      return claimFor(await withVerifiedApprovals(flag, context), context);
    default:
      return { ...same, next: 'end' };
  }
}

interface Granted {
  readonly kind: 'granted';
  readonly refundMinor: Minor;
  readonly restsOn: readonly Ground[];
  /** What the grounds were judged on; absent where a run before this one was granted the claim. */
  readonly facts?: JudgedFacts;
  readonly replay: boolean;
  /** The records that the grant counts on. */
  readonly survivors: readonly ChargeRecord[];
}

/** What a charge's record and deciding window answer to a claim. */
type Answer =
  | Granted
  | Denial
  /** A surplus has come back that no approver has seen. */
  | { readonly kind: 'waits'; readonly waitsFor: readonly ReasonToWait[] }
  /** A grant needs the freeze and the budget asked for its amount first. Nothing is written. */
  | {
      readonly kind: 'needs-permit';
      readonly refundMinor: Minor;
      readonly replay: boolean;
      readonly restsOn: readonly Ground[];
    };

/** A transaction holds 100 items: beside these the own record, the reservation and two windows. */
const SURVIVORS_MAX = 90;
/** The first ask names the amount; an ask that lost its race names it again. The workflow's own retry goes on. */
const ASKS_MAX = 2 * CONTENTION.triesMax;

async function claimFor(flag: Flag, context: ClaimContext): Promise<Claimed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  if (await context.freezes.isMigrating()) return { ...same, next: 'hold', waitsFor: ['frozen'] };
  let permittedMinor: Minor | undefined;
  for (let asks = 0; asks < ASKS_MAX; asks++) {
    const answer = await ask(flag, permittedMinor, context);
    switch (answer.kind) {
      case 'lost-race':
        // What changed the record may have released the budget too.
        permittedMinor = undefined;
        await context.sleep(backoffMs(Math.floor(asks / 2), CONTENTION, context.random));
        break;
      case 'granted':
        // Another run of the attempt, which met a freeze or a reason to wait, may have released the budget meanwhile.
        if (!answer.replay) await context.budgets.ensureAllocated(allocationOf(flag, answer, context));
        await markRefunding(flag, answer, context);
        return { ...same, next: 'reverse' };
      case 'denied':
        await concludeAttempt(flag, answer, context);
        return { ...same, next: 'end' };
      case 'waits':
        await releaseUnclaimed(flag, context);
        return { ...same, next: 'hold', waitsFor: answer.waitsFor };
      case 'needs-permit': {
        const permission = await permit(flag, answer, context);
        if (permission === 'payer-often' || permission === 'above-cap')
          return { ...same, next: 'hold', ...(await waitingForAll(flag, permission, context)) };
        if (permission !== 'permitted') return { ...same, ...permission };
        permittedMinor = answer.refundMinor;
      }
    }
  }
  throw contentionLost(`the claim of flag ${flag.id}`, ASKS_MAX);
}

/**
 * Decides on fresh reads and writes on condition that they still hold; loses its race where another worker was first.
 * What is granted is at most what freeze and budget have permitted; and the reasons to wait are judged once more, on the
 * very facts that decide: the assessment before it may have found nothing to decide.
 */
async function ask(
  flag: Flag,
  permittedMinor: Minor | undefined,
  context: ClaimContext,
): Promise<Answer | { readonly kind: 'lost-race' }> {
  const facts = await decidingFacts(flag, context);
  const view = facts?.view ?? emptyView(flag);
  // After the windows: what they contradict was suspended before a claim can count on it, or changes them once more.
  const suspensions = await context.suspensions.suspensionsOf(flag.charge.merchant);
  const answer = answerTo(flag, { facts, view, suspensions, permittedMinor }, context);
  return (await isWritten(flag, { answer, view, orderView: facts?.orderView }, context))
    ? answer
    : { kind: 'lost-race' };
}

function answerTo(
  flag: Flag,
  {
    facts,
    view,
    suspensions,
    permittedMinor,
  }: {
    readonly facts: EvidenceFacts | undefined;
    readonly view: ChargeView;
    readonly suspensions: readonly Suspension[];
    readonly permittedMinor: Minor | undefined;
  },
  { configuration }: Pick<ClaimContext, 'configuration'>,
): Answer {
  const decision = decideClaim(view, flag.id, flag.attempt);
  if (decision.kind === 'denied') return { kind: 'denied', reason: decision.reason, deciding: view };
  if (decision.kind === 'below-total') return { kind: 'waits', waitsFor: ['total-disagrees'] };
  const { refundMinor, replay } = decision;
  const judged = judgeRefund(flag, { facts, configuration, frozen: false, suspensions });
  if (permittedMinor === undefined || refundMinor > permittedMinor)
    return { kind: 'needs-permit', refundMinor, replay, restsOn: judged.restsOn };
  if (decision.replay) return { ...decision, survivors: [] };
  const { waitsFor, restsOn, countsOn, facts: judgedOn } = judged;
  if (waitsFor.length > 0) return { kind: 'waits', waitsFor };
  if (restsOn.length === 0) throw bug(`the refund of flag ${flag.id} rests on nothing`);
  const survivors = new Map(
    [...decision.survivors, ...decision.twins, ...countsOn].map((record) => [record.id, record]),
  );
  // An order that takes more charges to cover than one transaction checks is an approver's.
  if (survivors.size > SURVIVORS_MAX) return { kind: 'waits', waitsFor: ['total-disagrees'] };
  return { kind: 'granted', refundMinor, restsOn, facts: judgedOn, replay, survivors: [...survivors.values()] };
}

/** What an answer rests on. */
interface Decided extends Pick<EvidenceFacts, 'view'> {
  readonly orderView: EvidenceFacts['orderView'];
}

/** Writes what the answer must leave behind; false when another worker has changed what the answer rests on. */
async function isWritten(
  flag: Flag,
  { answer, view: { window, records }, orderView }: Decided & { readonly answer: Answer },
  context: ClaimContext,
): Promise<boolean> {
  const { id, attempt } = flag;
  const known = records.get(id);
  if (known === undefined) return true;
  if (answer.kind === 'denied') {
    if (answer.reason === 'attempt-over' || answer.reason === 'already-claimed') return true;
    const denied = recordClaim(known, { attempt, state: 'denied' }, context.nowMs());
    return denied === known || (await context.records.replaceRecord(denied, known.version)) === 'replaced';
  }
  if (answer.kind !== 'granted' || answer.replay) return true;
  const grant = grantOf(flag, { answer, window, known, orderView }, context.nowMs());
  return (await context.claims.grant(grant)) === 'granted';
}

function grantOf(
  { id, attempt, charge }: Flag,
  {
    answer,
    window,
    known,
    orderView,
  }: Pick<Decided, 'orderView'> & {
    readonly answer: Granted;
    readonly window: ChargeWindow;
    readonly known: ChargeRecord;
  },
  nowMs: Ms,
): Grant {
  const { refundMinor, restsOn, survivors } = answer;
  const { source, chargeId, currency } = charge;
  const total = restsOn.includes('totals') ? totalOf(window, currency) : undefined;
  const onTotal = total && { source: total.source, totalMinor: total.totalMinor };
  const granted = { attempt, state: 'claimed', refundMinor, atMs: nowMs, restsOn } as const;
  return {
    record: recordClaim(known, { ...granted, ...(onTotal && { onTotal }) }, nowMs),
    expectedVersion: known.version,
    window: pinned(window),
    ...(isOther(orderView, window) && { orderWindow: pinned(orderView.window) }),
    survivors: survivors.map((survivor) => ({ id: survivor.id, version: survivor.version })),
    reservation: { flagId: id, attempt, charge: { source, chargeId }, amountMinor: refundMinor, currency },
  };
}

function pinned({ fingerprint, decisiveVersion }: ChargeWindow): Grant['window'] {
  return { fingerprint, decisiveVersion };
}

function isOther(orderView: Decided['orderView'], { fingerprint }: ChargeWindow): orderView is ChargeView {
  return orderView !== undefined && orderView !== 'gone' && orderView.window.fingerprint !== fingerprint;
}

/** An approver sees every reason beside this one, which came since the assessment. */
async function waitingForAll(flag: Flag, added: ReasonToWait, context: ClaimContext): Promise<Waiting> {
  const { configuration } = context;
  const otherCases = (await readOtherCases(flag, context)) ?? 0;
  const facts = await decidingFacts(flag, context);
  const suspensions = await context.suspensions.suspensionsOf(flag.charge.merchant);
  const { reasons } = judgeRefund(flag, { facts, configuration, frozen: false, otherCases, suspensions });
  const all: readonly ReasonToWait[] = [...reasons, added];
  const waitsFor = REASONS_TO_WAIT.filter((reason) => all.includes(reason));
  return { waitsFor, ...(waitsFor.includes('payer-often') && { otherCases }) };
}

/** The flag follows the grant that is in the record. */
async function markRefunding(
  flag: Flag,
  { refundMinor, restsOn, facts, replay }: Granted,
  context: ClaimContext,
): Promise<void> {
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.attempt !== flag.attempt || !may('claim', now)) return [];
      const act = {
        actor: ACTOR,
        atMs: context.nowMs(),
        reason: 'the cluster has more standing charges than are owed',
      };
      // The run that was granted it first ended before the flag knew: the claim's time is unknown, and it counts as old.
      const proved = { restsOn, ...(facts !== undefined && { facts }) };
      return [claimRefund(now, { refundMinor, ...proved, claimedAtMs: replay ? 'unknown' : act.atMs }, act)];
    },
    context,
  );
}
