import { type Attempt, flagOf } from './attempt.ts';
import { type ConcludeContext, concludeAttempt } from './conclude-attempt.ts';
import type { FinalOutcome } from './refund-gateway.ts';

/**
 * Concludes a claim with the gateway's outcome. Acts only on its own claim, so that running it again changes nothing. A
 * refund is noted though the flag has come to another attempt: the money has moved.
 */
export async function record(
  { flagId, attempt, outcome }: Attempt & { readonly outcome: FinalOutcome },
  context: ConcludeContext,
): Promise<void> {
  const flag = await flagOf({ flagId, attempt }, context);
  if (flag !== undefined) return concludeAttempt(flag, outcome, context);
  const [later] = await context.cases.readFlags([flagId]);
  if (later !== undefined && outcome.kind === 'refunded')
    await concludeAttempt({ ...later, attempt }, outcome, context);
}
