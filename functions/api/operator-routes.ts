import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import { isCurrency } from '../../core/events/money.ts';
import { ATTESTATIONS } from '../../core/events/source.ts';
import { reasonText } from '../../core/events/written-text.ts';
import { merchantToken } from '../../core/queries/case-filter.ts';
import { explainedSchema, reconciledSchema, restoredSchema } from '../../core/queries/operator-views.ts';
import { contentId, time } from '../../core/queries/view-schema.ts';
import { isAbout, markReported } from '../../core/refunds/mark-reported.ts';
import { explainDiscrepancy } from '../../core/refunds/reconcile.ts';
import { Problem } from './problem.ts';
import { DECISION_REFUSALS, refusal } from './refusals.ts';
import { decideRoute, reply } from './route.ts';

const flagPath = z.strictObject({ id: contentId.brand<'FlagId'>() });
const token = z.string().min(1).max(256);
/** The refunds of one charge. A body has room for these. */
const LISTED_MAX = 40;

const listedRefund = z.strictObject({
  source: token,
  chargeId: token,
  refundId: token.optional(),
  reference: token.optional(),
  merchant: token.optional(),
  amountMinor: minorSchema,
  currency: z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY'),
  time,
});

/** What operators do by the command line alone. */
export const operatorRoutes = {
  restoreAttestation: decideRoute({
    summary: 'Ends the suspension of an attestation: it counts again',
    body: z.strictObject({
      source: token,
      merchant: merchantToken,
      attestation: z.enum(ATTESTATIONS),
      reason: reasonText,
    }),
    answers: { 200: restoredSchema },
    async handle({ body, by }, { suspensions, nowMs }) {
      const outcome = await suspensions.restore({ ...body, by }, nowMs());
      return reply(200, { changed: outcome === 'restored' });
    },
  }),

  reconcileFlag: decideRoute({
    summary: 'Compares a flag with all that a processor’s report lists for it, and marks what differs',
    path: flagPath,
    body: z.strictObject({ refunds: z.array(listedRefund).max(LISTED_MAX) }),
    answers: { 200: reconciledSchema },
    async handle({ path, body, by }, context) {
      const refunds = body.refunds.map(({ time: at, ...refund }) => ({ ...refund, timeMs: Date.parse(at) }));
      const reported = { flagId: path.id, refunds };
      if (!isAbout(reported, context)) {
        throw new Problem('input-invalid', 'refunds: one of them is of another charge. Send each with its own flag.');
      }
      const { schemeOf } = context.configuration;
      const { resolved = false, difference } = await markReported(reported, { ...context, schemeOf, by });
      return reply(200, { resolved, difference });
    },
  }),

  explainDifference: decideRoute({
    summary: 'Records what a difference in a processor’s report was; the first explanation stays',
    path: flagPath,
    body: z.strictObject({ reason: reasonText }),
    answers: { 200: explainedSchema },
    problems: ['flag-not-found'],
    async handle({ path, body, by }, context) {
      const outcome = await explainDiscrepancy({ flagId: path.id, by, ...body }, context);
      if (outcome.kind === 'unknown-flag') throw refusal(DECISION_REFUSALS['unknown-flag']);
      if (outcome.kind !== 'already-explained') return reply(200, { kind: outcome.kind });
      const { explained, caseId } = outcome;
      const first = { by: explained.by, at: iso(explained.atMs), reason: explained.reason, caseId };
      return reply(200, { kind: outcome.kind, first });
    },
  }),
};
