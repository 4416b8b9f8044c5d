import type { readPayerLink } from '../../core/queries/payer-link.ts';
import type { ProblemCode } from '../../core/queries/problem-code.ts';
import type { DecisionOutcome } from '../../core/refunds/decide-hold.ts';
import type { markRefundedInError } from '../../core/refunds/mark-refunded-in-error.ts';
import { Problem } from './problem.ts';

type Refusals<Reason extends string> = {
  readonly [reason in Reason]: { readonly code: ProblemCode; readonly detail: string };
};
type ReasonOf<Outcome> =
  Extract<Outcome, { readonly kind: 'refused' }> extends { readonly reason: infer Reason extends string }
    ? Reason
    : never;
type ClosedLink = Exclude<Awaited<ReturnType<typeof readPayerLink>>['kind'], 'scope'>;

/** Refused decisions on a flag, as problems: a reason that the core adds does not compile before it has one. */
export const DECISION_REFUSALS: Refusals<ReasonOf<DecisionOutcome>> = {
  'unknown-flag': { code: 'flag-not-found', detail: 'There is no such flag. Find it with GET /cases.' },
  'own-flag': { code: 'own-flag', detail: 'You raised this flag. Another approver must approve it.' },
  unreconciled: {
    code: 'unreconciled',
    detail: 'The flag does not match the processor’s refund report. Explain the difference first (docs/reconcile.md).',
  },
  'no-gateway': {
    code: 'no-gateway',
    detail:
      'The source of this charge has no gateway. Give it one in the registry (docs/sources.md), or keep the charge.',
  },
  'not-held': {
    code: 'not-held',
    detail: 'The flag does not wait for an approval. Read it again with GET /flags/{id}.',
  },
  'too-late': {
    code: 'too-late',
    detail: 'A refund of the charge is running or done. Read the flag again with GET /flags/{id}.',
  },
};

export const ERROR_REFUSALS: Refusals<ReasonOf<Awaited<ReturnType<typeof markRefundedInError>>>> = {
  'unknown-flag': DECISION_REFUSALS['unknown-flag'],
  'not-refunded': {
    code: 'not-refunded',
    detail: 'We did not refund this charge, or another approver stated the error first. Read it with GET /flags/{id}.',
  },
};

export const LINK_REFUSALS: Refusals<ClosedLink> = {
  'not-ours': { code: 'link-unknown', detail: 'This is not one of our links. Check that you copied all of it.' },
  withdrawn: {
    code: 'link-withdrawn',
    detail: 'This link was withdrawn. Ask the merchant or processor for a new one.',
  },
  expired: { code: 'link-expired', detail: 'This link has expired. Ask the merchant or processor for a new one.' },
};

export function refusal({ code, detail }: Refusals<string>[string]): Problem {
  return new Problem(code, detail);
}
