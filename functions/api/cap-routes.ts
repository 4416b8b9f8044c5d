import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { isCurrency } from '../../core/events/money.ts';
import { cappedCurrencies, capRaiseView, capRaiseViewSchema, capsViewSchema } from '../../core/queries/cap-view.ts';
import { merchantToken } from '../../core/queries/case-filter.ts';
import { confirmRaise, type RaiseOutcome, requestRaise } from '../../core/refunds/cap-raise.ts';
import { freezeReasonSchema } from '../../core/refunds/freeze.ts';
import { RAISE_REFUSALS, refusal } from './refusals.ts';
import { type ApiContext, reply, route } from './route.ts';

const request = z.strictObject({
  currency: z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY'),
  /** Absent: the total of all merchants. */
  merchant: merchantToken.optional(),
  /** What all refunds of an hour may then sum up to. */
  maxMinor: minorSchema,
  until: z.iso.datetime(),
  reason: freezeReasonSchema,
});

export const capRoutes = {
  readCaps: route({
    summary: 'The caps of all refunds of an hour, and the raises that are not over',
    answers: { 200: capsViewSchema },
    async handle(_, { configuration, raises, nowMs }) {
      const stored = await Promise.all(cappedCurrencies(configuration).map(raises.raisesIn));
      const live = stored.flatMap((of) => of.raises).filter(({ untilMs }) => untilMs > nowMs());
      const { capPerHourMinor } = configuration.refunds;
      return reply(200, { capPerHourMinor, raises: live.map((raise) => capRaiseView(raise, nowMs())) });
    },
  }),

  requestCapRaise: route({
    summary: 'Asks to raise a cap for at most 24 hours; it counts once a second approver confirms it',
    body: request,
    answers: { 200: capRaiseViewSchema },
    problems: ['raise-refused'],
    async handle({ body: { until, ...asked }, by }, context) {
      return answerOf(await requestRaise({ ...asked, untilMs: Date.parse(until), by }, context), context);
    },
  }),

  confirmCapRaise: route({
    summary: 'Confirms a raise that another approver asked for; it counts from then on, until its end',
    path: z.strictObject({ id: z.string().regex(/^[A-Z]{3}-[0-9a-f]{32}$/) }),
    answers: { 200: capRaiseViewSchema },
    problems: ['raise-not-found', 'own-raise', 'raise-refused'],
    async handle({ path: { id }, by }, context) {
      return answerOf(await confirmRaise({ id, by }, context), context);
    },
  }),
};

function answerOf(outcome: RaiseOutcome, { nowMs, noteCapRaise }: Pick<ApiContext, 'nowMs' | 'noteCapRaise'>) {
  if (outcome.kind === 'refused') throw refusal(RAISE_REFUSALS[outcome.reason]);
  noteCapRaise(outcome.raise);
  return reply(200, capRaiseView(outcome.raise, nowMs()));
}
