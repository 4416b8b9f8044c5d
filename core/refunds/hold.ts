import { changeFlags } from '../cases/change-flag.ts';
import { passesByItself, type Wait } from '../cases/flag.ts';
import { waitOf } from '../cases/flag-history.ts';
import { hold as holdFlag, may } from '../cases/flag-transitions.ts';
import { factsOfThese } from '../cases/judged-facts.ts';
import { explainUnconfirmed } from '../cases/unconfirmed.ts';
import type { SuspensionStore } from '../detection/suspensions.ts';
import { type Attempt, decidingFacts, type Waiting } from './attempt.ts';
import { gatherFacts } from './gather-facts.ts';
import { answers, isApproved } from './policy.ts';
import { type RecheckContext, recheckSurplus } from './recheck-surplus.ts';
import type { RefundSettings } from './refund-settings.ts';
import { budgetFacts, rampFacts } from './settings-facts.ts';
import type { Workflows } from './workflows.ts';

export interface HoldContext extends RecheckContext {
  readonly configuration: RecheckContext['configuration'] & RefundSettings;
  readonly suspensions: Pick<SuspensionStore, 'suspensionsOf'>;
  readonly wake: Workflows['wake'];
}

const ACTOR = 'system:hold';

/**
 * Lets the workflow wait: the flag is held and remembers the token that wakes it. When a person was faster than a
 * repetition of this step, the workflow is woken at once; the next step reads the flag, not the token's answer.
 */
export async function hold(
  { flagId, attempt, token, ...waiting }: Attempt & Waiting & Pick<Wait, 'token'>,
  context: HoldContext,
): Promise<void> {
  const { waitsFor } = waiting;
  const { facts, isClaimed = false } = (await factsNow({ flagId, attempt }, waiting, context)) ?? {};
  const [flag] = await changeFlags(
    [flagId],
    ([flag]) => {
      if (flag === undefined || flag.attempt !== attempt || !may('hold', flag)) return [];
      // This token has been held before: a repetition must not reset the approval that came since.
      if (waitOf(flag)?.token === token) return [];
      // A repetition of this step has a new token: what people have approved meanwhile is not asked of them again. A freeze
      // and a budget hold approved refunds too.
      const isAnswered = waitsFor.every((reason) => answers(flag, reason, facts ?? {}));
      if (isAnswered && isApproved(flag, context.configuration)) return [];
      const act = { actor: ACTOR, atMs: context.nowMs(), reason: reasonOf(waiting) };
      const isForPeople = !waitsFor.every(passesByItself);
      // Another run was granted the claim: a hold upon it would expire, and leave it granted for ever.
      if (isClaimed && isForPeople && flag.status !== 'held') return [];
      // Who approved before has not seen what came since.
      const approvals = isForPeople && !isAnswered ? [] : flag.approvals;
      const wait = { waitsFor, ...(facts !== undefined && { facts }), token };
      return [holdFlag(flag, { ...wait, isForPeople, approvals }, act)];
    },
    context,
  );
  const waits = flag?.attempt === attempt && flag.status === 'held' && flag.wait.token === token;
  // What this hold is about may have gone before it was written, and nothing else would let it go on. Or an approval was
  // given for an amount that has changed since: the recheck drops it.
  if (flag !== undefined) await recheckSurplus(flag, ACTOR, context);
  if (!waits) await context.wake(token);
}

/**
 * Gathers what the reasons rest on, from a fresh look: tokens of payers stay out of the workflow's state. A reason that has
 * gone since it was judged gets no facts. Returns also whether the attempt has its claim.
 */
async function factsNow(
  { flagId, attempt }: Attempt,
  { waitsFor, unconfirmed, silent, otherCases, ramp }: Waiting,
  context: HoldContext,
) {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) return undefined;
  const { configuration } = context;
  const deciding = await decidingFacts(flag, context);
  const suspensions = await context.suspensions.suspensionsOf(flag.charge.merchant);
  const known = { unconfirmed, silent, otherCases, suspensions };
  const facts = gatherFacts(waitsFor, { flag, facts: deciding, configuration, ...known });
  const hour = { isApproved: isApproved(flag, configuration), settings: configuration, nowMs: context.nowMs() };
  const ours = deciding?.view.records.get(flagId)?.ours;
  return {
    facts: factsOfThese({ ...facts, ...budgetFacts(flag, hour), ...(ramp && rampFacts(ramp, hour)) }, waitsFor),
    isClaimed: ours?.attempt === attempt && ours.state === 'claimed',
  };
}

function reasonOf({ waitsFor, unconfirmed }: Waiting): string {
  const detail = unconfirmed === undefined ? '' : ` (${explainUnconfirmed(unconfirmed)})`;
  return `waits for: ${waitsFor.join(', ')}${detail}`;
}
