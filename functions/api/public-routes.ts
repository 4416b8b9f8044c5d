import * as z from 'zod';
import { readPayerLink } from '../../core/queries/payer-link.ts';
import { payerStatusSchema } from '../../core/queries/payer-status.ts';
import { named } from '../../core/queries/view-schema.ts';
import openApi from '../../docs/openapi.json' with { type: 'json' };
import type { OperationOf } from './operations.ts';
import { statusOf } from './payer-status.ts';
import { LINK_REFUSALS, refusal } from './refusals.ts';
import { type PublicContext, publicRoute, type Route, reply } from './route.ts';

const description = z.looseObject({ openapi: z.string() }).register(named, { id: 'Description' });

/** What is answered without a token. */
export const publicRoutes: { readonly [operation in OperationOf<'public'>]: Route<PublicContext> } = {
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

  describeApi: publicRoute({
    summary: 'This description',
    answers: { 200: description },
    // A test holds the document to the routes.
    handle: async () => reply(200, openApi),
  }),
};
