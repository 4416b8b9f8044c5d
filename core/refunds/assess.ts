import type { CaseStore } from '../cases/case-store.ts';
import type { ReasonToWait } from '../cases/flag.ts';
import { decideClaim } from '../detection/claims.ts';
import { type Attempt, decidingFacts, type FactsContext, flagOf } from './attempt.ts';
import type { FreezeStore } from './freeze.ts';
import { judgeRefund, type RefundPolicy } from './policy.ts';

export interface AssessContext extends FactsContext {
  readonly configuration: RefundPolicy;
  readonly cases: Pick<CaseStore, 'readFlags'>;
  readonly freezes: Pick<FreezeStore, 'isFrozen'>;
}

export type Assessed = Attempt &
  ({ readonly next: 'claim' | 'end' } | { readonly next: 'hold'; readonly waitsFor: readonly ReasonToWait[] });

/** After the grace period: must this refund wait for people? Reads only, so asking again is harmless. */
export async function assess(attempt: Attempt, context: AssessContext): Promise<Assessed> {
  const { flagId } = attempt;
  const flag = await flagOf(attempt, context);
  const same = { flagId, attempt: attempt.attempt };
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'open':
    case 'approved': {
      const frozen = await context.freezes.isFrozen(flag.charge.merchant);
      const facts = await decidingFacts(flag, context);
      // What would be denied is nothing that people need to decide: the claim says so and dismisses it.
      const isDenied = facts && decideClaim(facts.view, flag.id, flag.attempt).kind === 'denied';
      if (isDenied) return { ...same, next: 'claim' };
      const { waitsFor } = judgeRefund(flag, { facts, configuration: context.configuration, frozen });
      return waitsFor.length > 0 ? { ...same, next: 'hold', waitsFor } : { ...same, next: 'claim' };
    }
    case 'held':
      return { ...same, next: 'hold', waitsFor: flag.wait.waitsFor };
    case 'refunding':
      return { ...same, next: 'claim' };
    default:
      return { ...same, next: 'end' };
  }
}
