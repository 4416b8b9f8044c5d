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
  const deciding = await callOrGiveBack(flag, context);
  if (deciding !== undefined) {
    await concludeAttempt(flag, { kind: 'denied', reason: 'given-back', deciding }, context);
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
    await noteUnanswered(flag, context);
    return { ...same, next: 'end' };
  }
  return { ...same, next: 'ask', waitSeconds, asked: asked + 1 };
}

/**
 * One write decides whether the gateway is called or the claim goes back: an old claim that was never acted upon goes back
 * when the cluster has come to need the charge; otherwise the window notes the call, and from then on no other run can
 * give the claim back.
 *
 * @returns the window in which it went back; undefined when the gateway is to be called.
 */
function callOrGiveBack(flag: FlagIn<'refunding'>, context: WindowsContext): Promise<ChargeWindow | undefined> {
  const { claimedAtMs } = flag;
  const isOld = claimedAtMs === 'unknown' || context.nowMs() - claimedAtMs > CLAIM_FRESH_MS;
  return changeWindows<ChargeWindow | undefined>(
    flag,
    (deciding) => {
      const entry = entryOf(deciding, flag.charge);
      const isOurs = entry !== undefined && isCaptured(entry) && entry.ours?.attempt === flag.attempt;
      if (!isOurs) return { answer: undefined };
      if (entry.ours.state === 'denied') return { answer: deciding };
      if (entry.ours.state !== 'claimed' || entry.ours.called) return { answer: undefined };
      const nowMs = context.nowMs();
      if (isOld && countedStanding(deciding, rootOf(entry)).length < owedBy(deciding)) {
        return { answer: deciding, write: writeClaim(flag, { attempt: flag.attempt, state: 'denied' }, nowMs) };
      }
      return { answer: undefined, write: writeClaim(flag, { ...entry.ours, called: true }, nowMs) };
    },
    context,
  );
}

/** The mark is what alerts people: nothing else happens to the flag from here on. */
async function noteUnanswered(flag: FlagIn<'refunding'>, context: CaseContext): Promise<void> {
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.status !== 'refunding' || now.attempt !== flag.attempt || now.unanswered) return [];
      const act = {
        actor: ACTOR,
        atMs: context.nowMs(),
        reason: 'no known outcome after the last ask: people must look',
      };
      return [markUnanswered(now, act)];
    },
    context,
  );
}
