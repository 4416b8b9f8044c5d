import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { isCurrency } from '../../core/events/money.ts';
import { reasonText } from '../../core/events/written-text.ts';
import { capRaiseView, capRaiseViewSchema } from '../../core/queries/cap-view.ts';
import { merchantToken } from '../../core/queries/case-filter.ts';
import { confirmRaise, type RaiseOutcome, requestRaise } from '../../core/refunds/cap-raise.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
import { RAISE_REFUSALS, refusal } from './refusals.ts';
import { type DecideContext, decideRoute, reply } from './route.ts';

const request = z.strictObject({
  currency: z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY'),
  /** Absent: the total of all merchants. */
  merchant: merchantToken.optional(),
  /** What all refunds of an hour may then sum up to. */
  maxMinor: minorSchema,
  until: z.iso.datetime(),
  reason: reasonText,
});

export const capRaiseRoutes = {
  requestCapRaise: decideRoute({
    summary: 'Asks to raise a cap for at most 24 hours; it counts once a second approver confirms it',
    body: request,
    answers: { 200: capRaiseViewSchema },
    problems: ['sign-in-again', 'raise-refused'],
    async handle({ body: { until, ...asked }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      return answerOf(await requestRaise({ ...asked, untilMs: Date.parse(until), by }, context), context);
    },
  }),

  confirmCapRaise: decideRoute({
    summary: 'Confirms a raise that another approver asked for; it counts from then on, until its end',
    path: z.strictObject({ id: z.string().regex(/^[A-Z]{3}-[0-9a-f]{32}$/) }),
    answers: { 200: capRaiseViewSchema },
    problems: ['sign-in-again', 'raise-not-found', 'own-raise', 'raise-refused'],
    async handle({ path: { id }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      return answerOf(await confirmRaise({ id, by }, context), context);
    },
  }),
};

function answerOf(outcome: RaiseOutcome, { nowMs, noteCapRaise }: Pick<DecideContext, 'nowMs' | 'noteCapRaise'>) {
  if (outcome.kind === 'refused') throw refusal(RAISE_REFUSALS[outcome.reason]);
  noteCapRaise(outcome.raise);
  return reply(200, capRaiseView(outcome.raise, nowMs()));
}
