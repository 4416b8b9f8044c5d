import { type Attempt, flagOf } from './attempt.ts';
import { type ConcludeContext, concludeAttempt } from './conclude-attempt.ts';
import type { FinalOutcome } from './refund-gateway.ts';

/** Concludes a claim with the gateway's outcome. Acts only on its own claim, so that running it again changes nothing. */
export async function record(
  { flagId, attempt, outcome }: Attempt & { readonly outcome: FinalOutcome },
  context: ConcludeContext,
): Promise<void> {
  const flag = await flagOf({ flagId, attempt }, context);
  if (flag !== undefined) await concludeAttempt(flag, outcome, context);
}
