import type { HoldReason } from '../cases/flag.ts';
import { decideClaim } from '../detection/claims.ts';
import { holdReasons } from './policy.ts';
import { type Attempt, decidingWindow, flagOf, type RefundContext } from './refund-context.ts';

export type Assessed = Attempt &
  ({ readonly next: 'claim' | 'end' } | { readonly next: 'hold'; readonly holds: readonly HoldReason[] });

/** After the settle time: must this refund wait for people? Reads only, so asking again is harmless. */
export async function assess(
  attempt: Attempt,
  context: Pick<RefundContext, 'configuration' | 'cases' | 'windows' | 'freezes' | 'nowMs'>,
): Promise<Assessed> {
  const { flagId } = attempt;
  const flag = await flagOf(attempt, context);
  const same = { flagId, attempt: attempt.attempt };
  if (flag === undefined) return { ...same, next: 'end' };
  switch (flag.status) {
    case 'open':
    case 'approved': {
      const frozen = await context.freezes.isFrozen(flag.charge.merchant);
      const window = await decidingWindow(flag, context);
      // What would be denied is nothing that people need to decide: the claim says so and dismisses it.
      const isDenied = window !== undefined && decideClaim(window, flag.charge, flag.attempt).kind === 'denied';
      if (isDenied) return { ...same, next: 'claim' };
      const holds = holdReasons(flag, { window, configuration: context.configuration, frozen });
      return holds.length > 0 ? { ...same, next: 'hold', holds } : { ...same, next: 'claim' };
    }
    case 'held':
      return { ...same, next: 'hold', holds: flag.wait.holds };
    case 'refunding':
      return { ...same, next: 'claim' };
    default:
      return { ...same, next: 'end' };
  }
}
