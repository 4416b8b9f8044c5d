import { changeFlags } from '../cases/change-flag.ts';
import type { Flag, ReasonToWait } from '../cases/flag.ts';
import { claim as claimRefund, may } from '../cases/flag-transitions.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import { type ClaimDecision, decideClaim } from '../detection/claims.ts';
import { attemptName } from '../detection/refund-reference.ts';
import { contentionLost } from '../fault.ts';
import { type Attempt, decidingWindow, flagOf } from './attempt.ts';
import type { Budgets } from './budgets.ts';
import { changeWindows, type WindowsContext, writeClaim } from './change-windows.ts';
import { type ConcludeContext, concludeAttempt } from './conclude-attempt.ts';
import type { FreezeStore } from './freeze.ts';
import { isApproved, reasonsToWait } from './policy.ts';
import { recheckSurplus } from './recheck-surplus.ts';

export interface ClaimContext extends ConcludeContext {
  readonly budgets: Budgets;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
}

const ACTOR = 'system:claim';

export type Claimed = Attempt &
  ({ readonly next: 'reverse' | 'end' } | { readonly next: 'hold'; readonly waitsFor: readonly ReasonToWait[] });

/**
 * Asks for the one refund that the cluster's surplus allows. The budget is reserved first and given back on a denial; the
 * answer, granted or denied, is written to every window of the charge in one transaction before the flag follows. So a
 * crash at any point is repaired by asking again: the window gives the same answer.
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
      await context.budgets.giveBack(attemptName(flag));
      return { ...same, next: 'end' };
    case 'open':
    case 'approved':
      return claimFor(flag, context);
    default:
      return { ...same, next: 'end' };
  }
}

type Decided =
  | {
      readonly kind: 'decided';
      readonly decision: ClaimDecision;
      /** The window as it was decided upon: it says why. */
      readonly deciding: ChargeWindow;
    }
  /** A surplus has come back that nobody had been asked about. */
  | { readonly kind: 'hold'; readonly waitsFor: readonly ReasonToWait[] }
  /** It would be granted, and was not when freeze and budget were looked at. */
  | { readonly kind: 'again' };

/** Each try meets a window that has changed since the last; the workflow's own retry goes on from there. */
const TRIES_MAX = 5;

async function claimFor(flag: Flag, context: ClaimContext): Promise<Claimed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const window = await decidingWindow(flag, context);
    const expected = window && decideClaim(window, flag.charge, flag.attempt);
    const permitted = expected?.kind === 'granted' ? expected.refundMinor : 0;
    if (permitted > 0 && (await context.freezes.isFrozen(flag.charge.merchant))) {
      // A run before this one may have reserved and died; what it was granted is spent.
      if (expected?.kind === 'granted' && !expected.replay) await context.budgets.giveBack(attemptName(flag));
      return { ...same, next: 'hold', waitsFor: ['frozen'] };
    }
    if (permitted > 0 && (await reserve(flag, permitted, context)) === 'spent') {
      return { ...same, next: 'hold', waitsFor: ['budget'] };
    }
    const decided = await decide(flag, permitted, context);
    if (decided.kind === 'again') continue;
    if (decided.kind === 'decided') return follow(flag, decided, context);
    await context.budgets.giveBack(attemptName(flag));
    return { ...same, next: 'hold', waitsFor: decided.waitsFor };
  }
  throw contentionLost(`the windows of flag ${flag.id}`, TRIES_MAX);
}

/**
 * Decides and writes in one transaction. What may be granted is what freeze and budget were asked for; and what people
 * must see is asked once more, on the very window that is decided upon: the assessment before it may have found nothing
 * to decide.
 */
function decide(flag: Flag, permittedMinor: number, context: WindowsContext): Promise<Decided> {
  const { configuration } = context;
  return changeWindows<Decided>(
    flag,
    (deciding) => {
      const decision = decideClaim(deciding, flag.charge, flag.attempt);
      const answer = { kind: 'decided', decision, deciding } as const;
      const nowMs = context.nowMs();
      if (decision.kind === 'granted') {
        if (decision.replay) return { answer };
        const waitsFor = reasonsToWait(flag, { window: deciding, configuration, frozen: false });
        if (waitsFor.length > 0) return { answer: { kind: 'hold', waitsFor } };
        if (decision.refundMinor > permittedMinor) return { answer: { kind: 'again' } };
        const ours = { attempt: flag.attempt, state: 'claimed', refundMinor: decision.refundMinor } as const;
        return { answer, write: writeClaim(flag, ours, nowMs) };
      }
      if (decision.reason === 'attempt-over' || decision.reason === 'already-claimed') return { answer };
      return { answer, write: writeClaim(flag, { attempt: flag.attempt, state: 'denied' }, nowMs) };
    },
    context,
  );
}

/** The flag follows the answer that is in the windows. */
async function follow(
  flag: Flag,
  { decision, deciding }: Decided & { readonly kind: 'decided' },
  context: ConcludeContext,
): Promise<Claimed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  if (decision.kind === 'denied') {
    await concludeAttempt(flag, { ...decision, deciding }, context);
    return { ...same, next: 'end' };
  }
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
      const claimedAtMs = decision.replay ? 'unknown' : act.atMs;
      return [claimRefund(now, { refundMinor: decision.refundMinor, claimedAtMs }, act)];
    },
    context,
  );
  return { ...same, next: 'reverse' };
}

function reserve(flag: Flag, refundMinor: number, context: ClaimContext): Promise<'reserved' | 'spent'> {
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
