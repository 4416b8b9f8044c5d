import { changed } from '../cases/case.ts';
import { changeFlags } from '../cases/change-flag.ts';
import { attemptName, type Flag, type HoldReason } from '../cases/flag.ts';
import { type ClaimDecision, type DenialReason, decideClaim } from '../detection/claims.ts';
import { isApproved } from './policy.ts';
import {
  type Attempt,
  changeWindows,
  decidingWindow,
  flagOf,
  lookAgain,
  type RefundContext,
  writeClaim,
} from './refund-context.ts';

const ACTOR = 'system:claim';

export type Claimed = Attempt &
  ({ readonly next: 'undo' | 'end' } | { readonly next: 'hold'; readonly holds: readonly HoldReason[] });

/**
 * Asks for the one refund that the cluster's surplus allows. The budget is reserved first and given back on a denial; the
 * answer, granted or denied, is written to every window of the charge in one transaction before the flag follows. So a
 * crash at any point is mended by asking again: the window gives the same answer.
 */
export async function claim({ flagId, attempt }: Attempt, context: RefundContext): Promise<Claimed> {
  const same = { flagId, attempt };
  const flag = await flagOf(same, context);
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'refunding':
      return { ...same, next: 'undo' };
    case 'held':
      return { ...same, next: 'hold', holds: flag.holds ?? [] };
    case 'dismissed':
      // The crash may have come between the dismissal and the look that must follow it.
      await lookAgain(flag, ACTOR, context);
      return { ...same, next: 'end' };
    case 'open':
    case 'approved':
      return claimFor(flag, context);
    default:
      return { ...same, next: 'end' };
  }
}

async function claimFor(flag: Flag, context: RefundContext): Promise<Claimed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  const window = await decidingWindow(flag, context);
  const expected = window && decideClaim(window, flag.charge, flag.attempt);
  if (expected?.kind === 'granted' && (await context.controls.isFrozen(flag.charge.merchant))) {
    return { ...same, next: 'hold', holds: ['frozen'] };
  }
  if (expected?.kind === 'granted' && (await reserve(flag, expected.refundMinor, context)) === 'spent') {
    return { ...same, next: 'hold', holds: ['budget'] };
  }
  const decision = await changeWindows<ClaimDecision>(
    flag,
    (deciding) => {
      const answer = decideClaim(deciding, flag.charge, flag.attempt);
      const nowMs = context.nowMs();
      if (answer.kind === 'granted') {
        const ours = { attempt: flag.attempt, state: 'claimed', refundMinor: answer.refundMinor } as const;
        return answer.replay ? { answer } : { answer, write: writeClaim(flag, ours, nowMs) };
      }
      if (answer.reason === 'attempt-over' || answer.reason === 'already-claimed') return { answer };
      return { answer, write: writeClaim(flag, { attempt: flag.attempt, state: 'denied' }, nowMs) };
    },
    context,
  );
  if (decision.kind === 'denied') {
    await dismiss(flag, decision.reason, context);
    return { ...same, next: 'end' };
  }
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.attempt !== flag.attempt || (now.status !== 'open' && now.status !== 'approved')) return [];
      const act = {
        actor: ACTOR,
        atMs: context.nowMs(),
        reason: 'the cluster has more standing charges than are owed',
      };
      const change = { status: 'refunding', refundMinor: decision.refundMinor, claimedAtMs: act.atMs } as const;
      return [changed(now, change, act)];
    },
    context,
  );
  return { ...same, next: 'undo' };
}

function reserve(flag: Flag, refundMinor: number, context: RefundContext): Promise<'reserved' | 'spent'> {
  const { merchant, currency } = flag.charge;
  const { merchants, refunds } = context.configuration;
  // A person who approved has seen the budget spent: it is counted on, but binds no more.
  const capped = !isApproved(flag, context.configuration);
  const merchantMax = merchants[merchant]?.budgetPerHourMinor ?? refunds.budgetPerHourMinor.merchant;
  return context.controls.reserve({
    name: attemptName(flag),
    merchant,
    currency,
    refundMinor,
    merchantMaxMinor: capped ? merchantMax[currency] : undefined,
    totalMaxMinor: capped ? refunds.budgetPerHourMinor.total[currency] : undefined,
    nowMs: context.nowMs(),
  });
}

/** No claim: the flag is dismissed with the reason, and the windows are looked at once more. */
export async function dismiss(flag: Flag, denial: DenialReason, context: RefundContext): Promise<void> {
  await context.controls.giveBack(attemptName(flag));
  await changeFlags(
    [flag.id],
    ([now]) => {
      const isOurs = now?.attempt === flag.attempt && ['open', 'approved', 'held', 'refunding'].includes(now.status);
      if (!isOurs) return [];
      const act = { actor: ACTOR, atMs: context.nowMs(), reason: `no refund: ${denial}` };
      return [changed(now, { status: 'dismissed', denial }, act)];
    },
    context,
  );
  await lookAgain(flag, ACTOR, context);
}
