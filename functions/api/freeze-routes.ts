import * as z from 'zod';
import { reasonText } from '../../core/events/written-text.ts';
import { merchantToken } from '../../core/queries/case-filter.ts';
import { freezeAnswer, freezeAnswerSchema } from '../../core/queries/freeze-view.ts';
import { freeze, thaw } from '../../core/refunds/freeze.ts';
import { Problem } from './problem.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
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
    summary: 'Ends a freeze of all refunds, or of one merchant’s; refunds that only it held go on within five minutes',
    body: order,
    answers: { 200: freezeAnswerSchema },
    problems: ['sign-in-again', 'not-migrated'],
    async handle({ body, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      const outcome = await thaw({ ...body, by }, context);
      if (outcome.kind === 'refused') throw new Problem('not-migrated', outcome.standing.reason);
      return reply(200, freezeAnswer(outcome));
    },
  }),
};
