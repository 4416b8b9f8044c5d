import type { ConfirmOutcome } from '../../core/jobs/order-approval.ts';
import type { readPayerLink } from '../../core/queries/payer-link.ts';
import type { ProblemCode } from '../../core/queries/problem-code.ts';
import { RAISE_TIMES_MAX, type RaiseRefusal } from '../../core/refunds/cap-raise.ts';
import type { DecisionOutcome } from '../../core/refunds/decide-hold.ts';
import type { markRefundedInError } from '../../core/refunds/mark-refunded-in-error.ts';
import type { ThawRefusal } from '../../core/refunds/thaw.ts';
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

export const ORDER_REFUSALS: Refusals<ReasonOf<ConfirmOutcome>> = {
  'unknown-order': { code: 'job-not-found', detail: 'There is no such order. Read GET /incidents/{id}/approval.' },
  'own-order': { code: 'own-order', detail: 'You gave this order. Another approver must confirm it.' },
  'order-closed': {
    code: 'order-closed',
    detail: 'The order does not wait any more: it was confirmed, or 24 hours are over. Order anew.',
  },
};

export const RAISE_REFUSALS: Refusals<RaiseRefusal> = {
  'no-cap': {
    code: 'raise-refused',
    detail: 'The configuration has no such cap, so there is nothing to raise. See GET /caps.',
  },
  'not-higher': { code: 'raise-refused', detail: 'maxMinor is not above the configured cap. See GET /caps.' },
  'too-high': { code: 'raise-refused', detail: `A raise is at most ${RAISE_TIMES_MAX} times the configured cap.` },
  'too-long': {
    code: 'raise-refused',
    detail: 'A raise ends within 24 hours. Ask again tomorrow, or change the configuration.',
  },
  over: { code: 'raise-refused', detail: 'until is in the past. Give a later time.' },
  'too-many': {
    code: 'raise-refused',
    detail: 'This currency has as many raises as it may have. Wait until one ends.',
  },
  'unknown-raise': {
    code: 'raise-not-found',
    detail: 'There is no such raise, or it has ended. List them with GET /caps.',
  },
  'own-raise': { code: 'own-raise', detail: 'You asked for this raise. Another approver must confirm it.' },
};

export const THAW_REFUSALS: Refusals<ThawRefusal> = {
  'not-migrated': { code: 'not-migrated', detail: 'Refunds stay frozen until `onecharge migrate` has run.' },
  'unknown-thaw': { code: 'thaw-not-found', detail: 'There is no such request. Ask with POST /refunds/thaw.' },
  'own-thaw': { code: 'own-thaw', detail: 'You asked for this thaw. Another operator must confirm it.' },
  'thaw-over': {
    code: 'thaw-over',
    detail: 'This request is over, or refunds were frozen anew. Ask again with POST /refunds/thaw.',
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
