import type { FlagId, Minor, Ms } from '../brands.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import type { FlagIn } from '../cases/flag.ts';
import { markDiscrepancy, markUnanswered } from '../cases/flag-transitions.ts';
import { DAY_S, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock-units.ts';
import { attemptName, referenceOf } from '../detection/refund-reference.ts';
import { type VerifyContext, withVerifiedApprovals } from './approval-macs.ts';
import { type Attempt, flagOf } from './attempt.ts';
import { type ConcludeContext, concludeAttempt } from './conclude-attempt.ts';
import { checkLast, type LastCheck, type LastCheckContext } from './last-check.ts';
import { recheckSurplus } from './recheck-surplus.ts';
import type { FinalOutcome } from './refund-gateway.ts';

export interface ReverseContext extends ConcludeContext, LastCheckContext, VerifyContext {
  readonly digests: ConcludeContext['digests'] & LastCheckContext['digests'];
  /** Alarms: a refund that was claimed has no room under the caps of the hour. */
  readonly noteBeyondCap: (refund: {
    readonly flagId: FlagId;
    readonly currency: string;
    readonly amountMinor: Minor;
  }) => void;
}

const ACTOR = 'system:reverse';

/** While refunds are frozen no processor is asked, for an ask can move money. An execution lasts 25,000 steps of these. */
const FROZEN_WAIT_SECONDS = 900;
/** Beyond the caps the next hour has room again; a raise of the cap is seen earlier. */
const BEYOND_CAP_WAIT_MS_MAX = 15 * MINUTE_MS;
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
 * may have moved. No gateway is called without this attempt's claim in the charge's record and its reservation, whose
 * amount is asked for, nor beyond the caps of the hour, which this step counts itself.
 */
export async function reverse(
  { flagId, attempt, asked = 0 }: Attempt & { readonly asked?: number | undefined },
  context: ReverseContext,
): Promise<Reversed> {
  const same = { flagId, attempt };
  const flag = await flagOf(same, context);
  // The crash may have come between returning the claim and the recheck that must follow it.
  if (flag?.status === 'dismissed') await recheckSurplus(flag, ACTOR, context);
  if (flag?.status === 'failed' && asked > 0) await noteOpenRequest(flag, context);
  if (flag?.status !== 'refunding') return { ...same, next: 'end' };
  if (await context.freezes.isFrozen(flag.charge.merchant)) {
    return { ...same, next: 'ask', waitSeconds: FROZEN_WAIT_SECONDS, asked };
  }
  const verified = await withVerifiedApprovals(flag, context);
  if (verified.status !== 'refunding') return { ...same, next: 'end' };
  const last = await checkLast(verified, context);
  switch (last.kind) {
    case 'frozen':
      return { ...same, next: 'ask', waitSeconds: FROZEN_WAIT_SECONDS, asked };
    case 'beyond-cap':
      context.noteBeyondCap({ flagId, currency: last.currency, amountMinor: last.amountMinor });
      return { ...same, next: 'ask', waitSeconds: secondsToRoom(context.nowMs()), asked };
    case 'returned':
      await concludeAttempt(flag, { ...last, kind: 'denied' }, context);
      return { ...same, next: 'end' };
    case 'not-ours':
      await noteUnanswered(flag, last.reason, context);
      return { ...same, next: 'end' };
    case 'concluded':
      return { ...same, next: 'record', outcome: last.outcome };
    case 'call':
      return askGateway({ ...last, flag, asked }, context);
  }
}

function secondsToRoom(nowMs: Ms): number {
  return Math.ceil(Math.min(HOUR_MS - (nowMs % HOUR_MS), BEYOND_CAP_WAIT_MS_MAX) / SECOND_MS);
}

async function askGateway(
  {
    flag,
    asked,
    reservation,
    charge,
  }: Pick<Extract<LastCheck, { kind: 'call' }>, 'reservation' | 'charge'> & {
    readonly flag: FlagIn<'refunding'>;
    readonly asked: number;
  },
  context: ReverseContext,
): Promise<Reversed> {
  const same = { flagId: flag.id, attempt: flag.attempt };
  const outcome = await context.gatewayOf(charge.source).reverse({
    charge,
    refundMinor: reservation.amountMinor,
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

/**
 * Another run of this attempt has recorded a refusal, while a request of this run had no answer: the processor may have
 * accepted that one. No approval lets another refund go until an operator has asked.
 */
async function noteOpenRequest(flag: FlagIn<'failed'>, context: CaseContext): Promise<void> {
  const detail = `a request of attempt ${flag.attempt} had no answer, and another was refused: ask the processor`;
  await changeFlags(
    [flag.id],
    ([now]) => {
      if (now?.status !== 'failed' || now.attempt !== flag.attempt || now.discrepancy !== undefined) return [];
      const act = { actor: ACTOR, atMs: context.nowMs(), reason: detail };
      return [markDiscrepancy(now, { what: 'not-known', detail, foundAtMs: act.atMs }, act)];
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
