import * as z from 'zod';
import type { PayerQuestion } from '../../core/queries/find-payer-status.ts';
import { payerStatusSchema } from '../../core/queries/payer-status.ts';
import { statusOf } from './payer-status.ts';
import { Problem } from './problem.ts';
import { readRoute, reply } from './route.ts';

const token = z.string().min(1).max(256);

export const payerRoutes = {
  readPayerStatus: readRoute({
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
