import * as z from 'zod';
import type { CaseId } from '../../core/brands.ts';
import type { ChainCheck } from '../../core/cases/audit.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { checkCase, verifyCase } from '../../core/cases/verify-cases.ts';
import { type CaseFilter, caseFilterShape, contradictionsIn, integer } from '../../core/queries/case-filter.ts';
import { commentView, commentViewSchema } from '../../core/queries/comment-view.ts';
import { evidenceOf, evidenceSchema } from '../../core/queries/evidence.ts';
import { findCases } from '../../core/queries/find-cases.ts';
import { contentId, named } from '../../core/queries/view-schema.ts';
import {
  auditCheckSchema,
  caseView,
  caseViewSchema,
  flagView,
  flagViewSchema,
  timelineEntry,
  timelineEntrySchema,
} from '../../core/queries/views.ts';
import { caseNotFound, Problem } from './problem.ts';
import { type ReadContext, readRoute, reply } from './route.ts';

const path = z.strictObject({ id: contentId.brand<'CaseId'>() });

const casePage = z
  .strictObject({ cases: z.array(caseViewSchema), cursor: z.string().optional() })
  .register(named, { id: 'CasePage' });

const caseDetail = caseViewSchema
  .omit({ flags: true })
  .extend({
    flags: z.array(flagViewSchema),
    timeline: z.array(timelineEntrySchema),
    comments: z.array(commentViewSchema),
    audit: auditCheckSchema,
  })
  .register(named, { id: 'CaseDetail' });

export const caseRoutes = {
  listCases: readRoute({
    summary: 'Cases that are as the parameters say, newest first or by the nearest deadline',
    query: z.strictObject({
      ...caseFilterShape,
      sort: z.enum(['newest', 'deadline']).default('newest'),
      limit: integer(z.int().min(1).max(100)).default(25),
      cursor: z.string().min(1).max(400).optional(),
    }),
    answers: { 200: casePage },
    problems: ['filters-contradict', 'bad-cursor'],
    async handle({ query: { sort, limit, cursor, ...filter } }, context) {
      const problems = [...contradictionsIn(filter), ...(sort === 'deadline' ? notByDeadline(filter) : [])];
      if (problems.length > 0) throw new Problem('filters-contradict', problems.join('; '));
      const page = await findCases({ filter, sort, limit, cursor }, context);
      if (page === undefined) {
        throw new Problem('bad-cursor', `cursor: ${cursor} belongs to another query. Begin again without a cursor.`);
      }
      return reply(200, { cases: page.items.map(caseView), cursor: page.cursor });
    },
  }),

  readCase: readRoute({
    summary: 'A case with its flags, its timeline and the check of its audit',
    path,
    answers: { 200: caseDetail },
    problems: ['case-not-found'],
    async handle({ path: { id } }, context) {
      const [found, comments] = await Promise.all([wholeCase(id, context), context.cases.commentsOf(id)]);
      return reply(200, {
        ...caseView(found.case),
        flags: found.flags.map(flagView),
        timeline: found.audit.map(timelineEntry),
        comments: comments.map(commentView),
        audit: found.check,
      });
    },
  }),

  readEvidence: readRoute({
    summary: 'What proves a case: both charges of each flag field by field, references, deadline, audit and its check',
    path,
    answers: { 200: evidenceSchema },
    problems: ['case-not-found'],
    async handle({ path: { id } }, context) {
      const detectorOf = ({ decidedBy, charge }: Flag) => context.configuration.detectorFor(decidedBy, charge);
      return reply(200, evidenceOf({ ...(await wholeCase(id, context)), detectorOf, nowMs: context.nowMs() }));
    },
  }),

  checkCase: readRoute({
    summary: 'The check of a case’s audit chain: intact, or the first entry that is broken',
    path,
    answers: { 200: auditCheckSchema },
    problems: ['case-not-found'],
    async handle({ path: { id } }, context) {
      return reply(200, await checkOf(id, context));
    },
  }),
};

async function wholeCase(id: CaseId, context: ReadContext) {
  const found = await context.cases.readCase(id);
  if (found === undefined) throw caseNotFound(id);
  const [flags, audit] = await Promise.all([context.cases.flagsOf(id), context.cases.auditOf(id)]);
  const check = checkCase(found, audit, context.digests);
  // A chain that seems broken may have grown since the case was read: it is looked at again.
  return { case: found, flags, audit, check: check.kind === 'intact' ? check : await checkOf(id, context) };
}

/** The list by deadline holds unresolved cases, and knows neither their payers nor their charges. */
function notByDeadline({ status, payer, order, charge }: CaseFilter): readonly string[] {
  if (status === 'resolved') return ['sort: what is resolved has no deadline'];
  const others = Object.entries({ payer, order, charge }).filter(([, value]) => value !== undefined);
  return others.map(([name]) => `sort: cases by ${name} are listed newest first`);
}

async function checkOf(id: CaseId, context: ReadContext): Promise<ChainCheck> {
  const verified = await verifyCase(id, context);
  if (verified === undefined) throw caseNotFound(id);
  return verified.check;
}
