import * as z from 'zod';
import { reasonText, writtenText } from '../../core/events/written-text.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import {
  type FirstVoteView,
  type FlagView,
  firstVoteViewSchema,
  flagView,
  flagViewSchema,
} from '../../core/queries/views.ts';
import { approve, type DecisionOutcome, keep } from '../../core/refunds/decide-hold.ts';
import { markRefundedInError } from '../../core/refunds/mark-refunded-in-error.ts';
import { Problem } from './problem.ts';
import { requireRecentSignInFor } from './recent-sign-in.ts';
import { DECISION_REFUSALS, ERROR_REFUSALS, refusal } from './refusals.ts';
import { decideRoute, type Reply, reply } from './route.ts';

const path = z.strictObject({ id: contentId.brand<'FlagId'>() });
/** A keep is written into the charge's record. */
const NO_RECORD_YET =
  'The charges of version 1 have no records yet. Keep the charge after `onecharge migrate --apply`.';
const decision = z.strictObject({ reason: reasonText });

export const decisionRoutes = {
  approveFlag: decideRoute({
    summary: 'Approves the refund of a flag that waits for people; 202 while it needs the word of another person too',
    path,
    body: decision,
    answers: { 200: flagViewSchema, 202: firstVoteViewSchema },
    problems: ['sign-in-again', 'own-flag', 'not-held', 'unreconciled', 'no-gateway', 'too-late', 'flag-not-found'],
    async handle({ path: { id }, body: { reason }, by, signedInMs }, context) {
      await requireRecentSignInFor(id, { signedInMs }, context);
      return answerOf(await approve({ flagId: id, by, reason }, context));
    },
  }),

  keepFlag: decideRoute({
    summary: 'Says that the charge is meant: it stays with the merchant; 202 while another person must say so too',
    path,
    body: decision,
    answers: { 200: flagViewSchema, 202: firstVoteViewSchema },
    problems: ['too-late', 'flag-not-found', 'not-migrated'],
    async handle({ path: { id }, body: { reason }, by }, context) {
      if (await context.freezes.isMigrating()) throw new Problem('not-migrated', NO_RECORD_YET);
      return answerOf(await keep({ flagId: id, by, reason }, context));
    },
  }),

  markRefundedInError: decideRoute({
    summary: 'States that a refund was made in error: the charge was meant',
    path,
    body: decision.extend({ evidence: writtenText({ lengthMax: 2_000 }) }),
    answers: { 200: flagViewSchema },
    problems: ['not-refunded', 'flag-not-found'],
    async handle({ path: { id }, body, by }, context) {
      const outcome = await markRefundedInError({ flagId: id, by, ...body }, context);
      if (outcome.kind === 'done') return reply(200, flagView(outcome.flag));
      throw refusal(ERROR_REFUSALS[outcome.reason]);
    },
  }),
};

function answerOf(outcome: DecisionOutcome): Reply<200, FlagView> | Reply<202, FirstVoteView> {
  switch (outcome.kind) {
    case 'done':
      return reply(200, flagView(outcome.flag));
    case 'needs-another':
      return reply(202, { ...flagView(outcome.flag), needsAnother: outcome.because });
    case 'refused':
      throw refusal(DECISION_REFUSALS[outcome.reason]);
  }
}
