import * as z from 'zod';
import { DAY_MS, iso } from '../../core/clock-units.ts';
import { findPayerStatus, type PayerQuestion } from '../../core/queries/find-payer-status.ts';
import { LINK_DAYS_MAX, makePayerLink, payerLinkSchema, readPayerLink } from '../../core/queries/payer-link.ts';
import { type PayerStatus, payerStatusSchema } from '../../core/queries/payer-status.ts';
import { Problem } from './problem.ts';
import { LINK_REFUSALS, refusal } from './refusals.ts';
import { type ApiContext, publicRoute, reply, route } from './route.ts';

const token = z.string().min(1).max(256);

const ofOrder = z.strictObject({ payer: token, source: token, merchant: token, order: token });
const ofCharge = z.strictObject({ payer: token, source: token, charge: token });
const days = z.int().min(1).max(LINK_DAYS_MAX).default(7);

export const payerRoutes = {
  readPayerStatus: route({
    summary: 'What became of one payer’s charges: of an order (merchant and order), or of a charge (source and charge)',
    query: z.strictObject({
      merchant: token.optional(),
      order: token.optional(),
      source: token.optional(),
      charge: token.optional(),
      payer: token.optional(),
    }),
    answers: { 200: payerStatusSchema },
    problems: ['question-incomplete', 'several-payers'],
    async handle({ query }, context) {
      return reply(200, await statusOf(questionOf(query), context));
    },
  }),

  makePayerLink: route({
    summary: 'A signed link to one payer’s charges, to be handed to that payer or shown by a processor’s app',
    body: z.union([ofOrder.extend({ days }), ofCharge.extend({ days })]),
    answers: { 201: payerLinkSchema },
    async handle({ body: { days, ...scope } }, { linkKeys, nowMs }) {
      const untilMs = nowMs() + days * DAY_MS;
      const link = makePayerLink(scope, untilMs, await linkKeys.currentKey());
      return reply(201, { link, expiresAt: iso(untilMs) });
    },
  }),

  openPayerLink: publicRoute({
    summary: 'What a signed link opens: one payer’s charges',
    path: z.strictObject({ link: z.string().min(1) }),
    answers: { 200: payerStatusSchema },
    problems: ['link-unknown', 'link-withdrawn', 'link-expired', 'several-payers'],
    async handle({ path: { link } }, context) {
      const read = await readPayerLink(link, { keys: context.linkKeys, nowMs: context.nowMs() });
      if (read.kind !== 'scope') throw refusal(LINK_REFUSALS[read.kind]);
      return reply(200, await statusOf(read.scope, context));
    },
  }),
};

interface Asked {
  readonly merchant?: string | undefined;
  readonly order?: string | undefined;
  readonly source?: string | undefined;
  readonly charge?: string | undefined;
  readonly payer?: string | undefined;
}

function questionOf({ merchant, order, source, charge, payer }: Asked): PayerQuestion {
  const whose = payer === undefined ? {} : { payer };
  if (charge === undefined && merchant !== undefined && order !== undefined) {
    return { ...whose, merchant, order, source };
  }
  if (charge !== undefined && source !== undefined && merchant === undefined && order === undefined) {
    return { ...whose, source, charge };
  }
  throw new Problem('question-incomplete', 'Ask by merchant and order, or by source and charge.');
}

async function statusOf(question: PayerQuestion, context: ApiContext): Promise<PayerStatus> {
  const answer = await findPayerStatus(question, context);
  if (answer.kind === 'several-payers') {
    throw new Problem(
      'several-payers',
      'More than one payer paid it. Name the payer and its source, or ask by source and charge.',
    );
  }
  return answer.status;
}
