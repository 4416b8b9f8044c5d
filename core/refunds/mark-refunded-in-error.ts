import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import type { Flag } from '../cases/flag.ts';
import { markRefundedInError as markFlag } from '../cases/flag-transitions.ts';
import type { Decision } from './decide-hold.ts';

export interface RefundErrorStatement extends Decision {
  /** What shows that the charge was meant: a reference, or words. */
  readonly evidence: string;
}

export type RefundErrorOutcome =
  | { readonly kind: 'done'; readonly flag: Flag }
  /** `not-refunded`: there is no refund of ours to be wrong about, or somebody else has stated it already. */
  | { readonly kind: 'refused'; readonly reason: 'unknown-flag' | 'not-refunded' };

/**
 * A person states that a refund was made in error: the charge was meant. An end of its own, from which the flag never
 * opens again. It moves no money and changes no record: the money did go back, and a verdict never changes. Asking again
 * gives the same answer.
 */
export async function markRefundedInError(
  { flagId, by, reason, evidence }: RefundErrorStatement,
  context: CaseContext,
): Promise<RefundErrorOutcome> {
  const [flag] = await changeFlags(
    [flagId],
    ([refunded]) => {
      if (refunded?.status !== 'refunded') return [];
      const atMs = context.nowMs();
      // The evidence is in the chain too, where nobody can change it afterwards.
      const act = { actor: by, atMs, reason: `refunded in error: ${reason} (evidence: ${evidence})` };
      return [markFlag(refunded, { by, atMs, reason, evidence }, act)];
    },
    context,
  );
  if (flag === undefined) return { kind: 'refused', reason: 'unknown-flag' };
  return flag.status === 'refunded-in-error' && flag.refundError.by === by
    ? { kind: 'done', flag }
    : { kind: 'refused', reason: 'not-refunded' };
}
