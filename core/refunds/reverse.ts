import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import type { FlagIn } from '../cases/flag.ts';
import { markUnanswered } from '../cases/flag-transitions.ts';
import { DAY_S, MINUTE_MS } from '../clock-units.ts';
import { type ChargeWindow, countedStanding, entryOf, isCaptured, owedBy, rootOf } from '../detection/charge-window.ts';
import { attemptName, referenceOf } from '../detection/refund-reference.ts';
import { type Attempt, flagOf } from './attempt.ts';
import { changeWindows, type WindowsContext, writeClaim } from './change-windows.ts';
import { type ConcludeContext, concludeAttempt } from './conclude-attempt.ts';
import type { FreezeStore } from './freeze.ts';
import { recheckSurplus } from './recheck-surplus.ts';
import type { FinalOutcome, GatewayOf } from './refund-gateway.ts';

export interface ReverseContext extends ConcludeContext {
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
  readonly gatewayOf: GatewayOf;
}

const ACTOR = 'system:reverse';

/** A claim this old before the first call to the gateway is looked at again: its workflow slept. */
const CLAIM_FRESH_MS = 5 * MINUTE_MS;
/** While refunds are frozen no processor is asked, for an ask can move money. An execution lasts 25,000 steps of these. */
const FROZEN_WAIT_SECONDS = 900;
/** Waits before an unknown or pending outcome is asked for again: 5 s, 1 min, 5 min, 1 h, then daily for 5 days. */
const ASK_AGAIN_SECONDS = [5, 60, 300, 3_600, DAY_S, DAY_S, DAY_S, DAY_S, DAY_S] as const;

export type Reversed = Attempt &
  (
    | { readonly next: 'record'; readonly outcome: FinalOutcome }
    | { readonly next: 'ask'; readonly waitSeconds: number; readonly asked: number }
    | { readonly next: 'end' }
  );

/**
 * Calls the gateway, or asks it again: the idempotency key names flag and attempt, so that it acts at most once. What
 * stays unknown after the last wait leaves the flag refunding, for people: the claim is not given back, since the money
 * may have moved.
 */
export async function reverse(
  { flagId, attempt, asked = 0 }: Attempt & { readonly asked?: number | undefined },
  context: ReverseContext,
): Promise<Reversed> {
  const same = { flagId, attempt };
  const flag = await flagOf(same, context);
  // The crash may have come between returning the claim and the recheck that must follow it.
  if (flag?.status === 'dismissed') await recheckSurplus(flag, ACTOR, context);
  if (flag?.status !== 'refunding') return { ...same, next: 'end' };
  if (await context.freezes.isFrozen(flag.charge.merchant)) {
    return { ...same, next: 'ask', waitSeconds: FROZEN_WAIT_SECONDS, asked };
  }
  const last = await checkClaim(flag, context);
  if (last.kind === 'returned') {
    await concludeAttempt(flag, { kind: 'denied', reason: 'given-back', deciding: last.deciding }, context);
    return { ...same, next: 'end' };
  }
  if (last.kind === 'not-ours') {
    await noteUnanswered(
      flag,
      'no window has the claim of this attempt any longer: an approver must ask the processor',
      context,
    );
    return { ...same, next: 'end' };
  }
  const outcome = await context.gatewayOf(flag.charge.source).reverse({
    charge: flag.charge,
    refundMinor: flag.refundMinor,
    idempotencyKey: attemptName(flag),
    reference: referenceOf(flag),
  });
  if (outcome.kind !== 'pending' && outcome.kind !== 'unknown') return { ...same, next: 'record', outcome };
  const waitSeconds = ASK_AGAIN_SECONDS[asked];
  if (waitSeconds === undefined) {
    await noteUnanswered(flag, 'no known outcome after the last request: an approver must ask the processor', context);
    return { ...same, next: 'end' };
  }
  return { ...same, next: 'ask', waitSeconds, asked: asked + 1 };
}

type LastCheck =
  | { readonly kind: 'call' }
  | { readonly kind: 'returned'; readonly deciding: ChargeWindow }
  /** A late run: the windows have another attempt's claim. Or they expired, after a freeze of half a year. */
  | { readonly kind: 'not-ours' };

/**
 * Decides in one write whether the gateway is called. An old claim that was never acted upon is returned when the cluster
 * needs the charge again. Otherwise the window notes the call, and from then on no run can return the claim. The gateway
 * is never called without this attempt's claim in the deciding window.
 */
function checkClaim(flag: FlagIn<'refunding'>, context: WindowsContext): Promise<LastCheck> {
  const { claimedAtMs } = flag;
  const isOld = claimedAtMs === 'unknown' || context.nowMs() - claimedAtMs > CLAIM_FRESH_MS;
  return changeWindows<LastCheck>(
    flag,
    (deciding) => {
      const entry = entryOf(deciding, flag.charge);
      const isOurs = entry !== undefined && isCaptured(entry) && entry.ours?.attempt === flag.attempt;
      if (!isOurs) return { answer: { kind: 'not-ours' } };
      const returned = { kind: 'returned', deciding } as const;
      if (entry.ours.state === 'denied') return { answer: returned };
      if (entry.ours.state !== 'claimed' || entry.ours.called) return { answer: { kind: 'call' } };
      const nowMs = context.nowMs();
      if (isOld && countedStanding(deciding, rootOf(entry)).length < owedBy(deciding)) {
        return { answer: returned, write: writeClaim(flag, { attempt: flag.attempt, state: 'denied' }, nowMs) };
      }
      return { answer: { kind: 'call' }, write: writeClaim(flag, { ...entry.ours, called: true }, nowMs) };
    },
    context,
  );
}

/** The mark is what alerts people: nothing else happens to the flag from here on. */
async function noteUnanswered(flag: FlagIn<'refunding'>, reason: string, context: CaseContext): Promise<void> {
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.status !== 'refunding' || now.attempt !== flag.attempt || now.unanswered) return [];
      return [markUnanswered(now, { actor: ACTOR, atMs: context.nowMs(), reason })];
    },
    context,
  );
}
