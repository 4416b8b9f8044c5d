import type { Minor } from '../brands.ts';
import { changeFlags } from '../cases/change-flag.ts';
import type { Flag, ReasonToWait } from '../cases/flag.ts';
import { claim as claimRefund, may } from '../cases/flag-transitions.ts';
import type { Ground } from '../detection/charge-window.ts';
import { decideClaim } from '../detection/claims.ts';
import { attemptName } from '../detection/refund-reference.ts';
import { bug, contentionLost } from '../fault.ts';
import { type Attempt, evidenceFacts, flagOf } from './attempt.ts';
import type { Budgets } from './budgets.ts';
import { changeWindows, type WindowsContext, writeClaim } from './change-windows.ts';
import { type ConcludeContext, concludeAttempt, type Denial } from './conclude-attempt.ts';
import type { FreezeStore } from './freeze.ts';
import { isApproved, judgeRefund } from './policy.ts';
import { recheckSurplus } from './recheck-surplus.ts';

export interface ClaimContext extends ConcludeContext {
  readonly budgets: Budgets;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
}

const ACTOR = 'system:claim';

export type Claimed = Attempt &
  ({ readonly next: 'reverse' | 'end' } | { readonly next: 'hold'; readonly waitsFor: readonly ReasonToWait[] });

/**
 * Asks for the one refund that the cluster's surplus allows. The budget is reserved before a grant and returned after a
 * denial. The answer, granted or denied, is written to every window of the charge in one transaction before the flag
 * follows: after a crash at any point the same question gets the same answer.
 */
export async function claim({ flagId, attempt }: Attempt, context: ClaimContext): Promise<Claimed> {
  const same = { flagId, attempt };
  const flag = await flagOf(same, context);
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'refunding':
      return { ...same, next: 'reverse' };
    case 'held':
      return { ...same, next: 'hold', waitsFor: flag.wait.waitsFor };
    case 'dismissed':
      // The crash may have come between the dismissal and the recheck that must follow it.
      await recheckSurplus(flag, ACTOR, context);
      return { ...same, next: 'end' };
    case 'kept':
      // A run before this one may have reserved and died.
      await context.budgets.releaseReservation(attemptName(flag));
      return { ...same, next: 'end' };
    case 'open':
    case 'approved':
      return claimFor(flag, context);
    default:
      return { ...same, next: 'end' };
  }
}

interface Granted {
  readonly refundMinor: Minor;
  readonly restsOn: readonly Ground[];
  readonly replay: boolean;
}

/** What the windows of a charge answer to a claim. */
type Answer =
  | (Granted & { readonly kind: 'granted' })
  | Denial
  /** A surplus has come back that no approver has seen. */
  | { readonly kind: 'waits'; readonly waitsFor: readonly ReasonToWait[] }
  /** A grant needs the freeze and the budget asked for its amount first. Nothing is written. */
  | { readonly kind: 'needs-permit'; readonly refundMinor: Minor; readonly replay: boolean };

/** The first ask names the amount. Each ask after it meets windows that have changed; the workflow's own retry goes on. */
const ASKS_MAX = 6;

async function claimFor(flag: Flag, context: ClaimContext): Promise<Claimed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  let permittedMinor = 0;
  for (let asks = 0; asks < ASKS_MAX; asks++) {
    const answer = await askWindows(flag, permittedMinor, context);
    switch (answer.kind) {
      case 'granted':
        await markRefunding(flag, answer, context);
        return { ...same, next: 'reverse' };
      case 'denied':
        await concludeAttempt(flag, answer, context);
        return { ...same, next: 'end' };
      case 'waits':
        await context.budgets.releaseReservation(attemptName(flag));
        return { ...same, next: 'hold', waitsFor: answer.waitsFor };
      case 'needs-permit': {
        const reason = await permit(flag, answer, context);
        if (reason !== 'permitted') return { ...same, next: 'hold', waitsFor: [reason] };
        permittedMinor = answer.refundMinor;
      }
    }
  }
  throw contentionLost(`the windows of flag ${flag.id}`, ASKS_MAX);
}

/**
 * Decides and writes in one transaction. What is granted is at most what freeze and budget have permitted; and the
 * reasons to wait are judged once more, on the very window that decides: the assessment before it may have found nothing
 * to decide.
 */
function askWindows(flag: Flag, permittedMinor: Minor, context: WindowsContext): Promise<Answer> {
  const { configuration } = context;
  const { attempt } = flag;
  return changeWindows<Answer>(
    flag,
    (deciding, all) => {
      const decision = decideClaim(deciding, flag.charge, attempt);
      const nowMs = context.nowMs();
      if (decision.kind === 'denied') {
        const answer = { kind: 'denied', reason: decision.reason, deciding } as const;
        if (decision.reason === 'attempt-over' || decision.reason === 'already-claimed') return { answer };
        return { answer, write: writeClaim(flag, { attempt, state: 'denied' }, nowMs) };
      }
      if (decision.refundMinor > permittedMinor) return { answer: { ...decision, kind: 'needs-permit' } };
      if (decision.replay) return { answer: decision };
      const windows = evidenceFacts(flag, all, configuration);
      const { waitsFor, restsOn } = judgeRefund(flag, { windows, configuration, frozen: false });
      if (waitsFor.length > 0) return { answer: { kind: 'waits', waitsFor } };
      if (restsOn.length === 0) throw bug(`the refund of flag ${flag.id} rests on nothing`);
      const { refundMinor } = decision;
      const ours = { attempt, state: 'claimed', refundMinor, atMs: nowMs, restsOn } as const;
      return { answer: { ...decision, restsOn }, write: writeClaim(flag, ours, nowMs) };
    },
    context,
  );
}

/** Asks the freeze and the budget. The same amount asked for again is reserved once. */
async function permit(
  flag: Flag,
  { refundMinor, replay }: { readonly refundMinor: Minor; readonly replay: boolean },
  context: ClaimContext,
): Promise<'permitted' | 'frozen' | 'budget'> {
  if (await context.freezes.isFrozen(flag.charge.merchant)) {
    // A run before this one may have reserved and died; what it was granted is spent.
    if (!replay) await context.budgets.releaseReservation(attemptName(flag));
    return 'frozen';
  }
  return (await reserve(flag, refundMinor, context)) === 'spent' ? 'budget' : 'permitted';
}

/** The flag follows the grant that is in the windows. */
async function markRefunding(
  flag: Flag,
  { refundMinor, restsOn, replay }: Granted,
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
      return [claimRefund(now, { refundMinor, restsOn, claimedAtMs: replay ? 'unknown' : act.atMs }, act)];
    },
    context,
  );
}

function reserve(flag: Flag, refundMinor: Minor, context: ClaimContext): Promise<'reserved' | 'spent'> {
  const { merchant, currency } = flag.charge;
  const { merchants, refunds } = context.configuration;
  // A person who approved has seen the budget spent: it is counted on, but binds no more.
  const capped = !isApproved(flag, context.configuration);
  const merchantMax = merchants[merchant]?.budgetPerHourMinor ?? refunds.budgetPerHourMinor.merchant;
  return context.budgets.reserve({
    name: attemptName(flag),
    merchant,
    currency,
    refundMinor,
    merchantMaxMinor: capped ? merchantMax[currency] : undefined,
    totalMaxMinor: capped ? refunds.budgetPerHourMinor.total[currency] : undefined,
    nowMs: context.nowMs(),
  });
}
