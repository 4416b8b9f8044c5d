import * as z from 'zod';
import { DAY_MS, iso } from '../../core/clock-units.ts';
import { LINK_DAYS_MAX, makePayerLink, payerLinkSchema } from '../../core/queries/payer-link.ts';
import { decideRoute, reply } from './route.ts';

const token = z.string().min(1).max(256);
const ofOrder = z.strictObject({ payer: token, source: token, merchant: token, order: token });
const ofCharge = z.strictObject({ payer: token, source: token, charge: token });
const days = z.int().min(1).max(LINK_DAYS_MAX).default(7);

export const payerLinkRoutes = {
  makePayerLink: decideRoute({
    summary: 'A signed link to one payer’s charges, to be handed to that payer or shown by a processor’s app',
    body: z.union([ofOrder.extend({ days }), ofCharge.extend({ days })]),
    answers: { 201: payerLinkSchema },
    async handle({ body: { days, ...scope } }, { linkKeys, nowMs }) {
      const untilMs = nowMs() + days * DAY_MS;
      const link = makePayerLink(scope, untilMs, await linkKeys.currentKey());
      return reply(201, { link, expiresAt: iso(untilMs) });
    },
  }),
};
