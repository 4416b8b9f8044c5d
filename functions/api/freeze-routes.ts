import * as z from 'zod';
import { reasonText } from '../../core/events/written-text.ts';
import { merchantToken } from '../../core/queries/case-filter.ts';
import { freezeAnswer, freezeAnswerSchema, thawAnswer } from '../../core/queries/freeze-view.ts';
import { freeze } from '../../core/refunds/freeze.ts';
import { releasedByThaw } from '../../core/refunds/released-by-thaw.ts';
import { confirmThaw, requestThaw, type ThawOutcome } from '../../core/refunds/thaw.ts';
import { Problem } from './problem.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
import { refusal, THAW_REFUSALS } from './refusals.ts';
import { decideRoute, reply } from './route.ts';

const order = z.strictObject({
  reason: reasonText,
  /** Absent: all refunds. */
  merchant: merchantToken.optional(),
});

export const freezeRoutes = {
  freezeRefunds: decideRoute({
    summary: 'Freezes all refunds, or one merchant’s; a repetition changes nothing and answers with the first order',
    body: order,
    answers: { 200: freezeAnswerSchema },
    async handle({ body, by }, context) {
      return reply(200, freezeAnswer(await freeze({ ...body, by }, context)));
    },
  }),

  thawRefunds: decideRoute({
    summary: 'Asks to end a freeze, and says what that releases; it counts once another operator confirms it',
    body: order,
    answers: { 200: freezeAnswerSchema },
    problems: ['sign-in-again', 'not-migrated'],
    async handle({ body, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      const outcome = allowed(await requestThaw({ ...body, by }, context));
      const releases = outcome.kind === 'requested' ? await releasedByThaw(body.merchant, context) : undefined;
      return reply(200, thawAnswer(outcome, releases));
    },
  }),

  confirmThaw: decideRoute({
    summary:
      'Confirms a thaw that another operator asked for; refunds that only the freeze held go on within five minutes',
    path: z.strictObject({ id: z.string().regex(/^[0-9a-f]{32}$/) }),
    answers: { 200: freezeAnswerSchema },
    problems: ['sign-in-again', 'not-migrated', 'thaw-not-found', 'own-thaw', 'thaw-over'],
    async handle({ path: { id }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      return reply(200, thawAnswer(allowed(await confirmThaw({ id, by }, context))));
    },
  }),
};

function allowed(outcome: ThawOutcome): Exclude<ThawOutcome, { readonly kind: 'refused' }> {
  if (outcome.kind !== 'refused') return outcome;
  const { reason, standing } = outcome;
  if (reason === 'not-migrated' && standing !== undefined) throw new Problem(reason, standing.reason);
  throw refusal(THAW_REFUSALS[reason]);
}
