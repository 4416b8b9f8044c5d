import * as z from 'zod';
import type { CaseId } from '../../core/brands.ts';
import type { ChainCheck } from '../../core/cases/audit.ts';
import { COMMENT_LENGTH_MAX, COMMENTS_MAX, newComment } from '../../core/cases/comment.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { checkCase, verifyCase } from '../../core/cases/verify-cases.ts';
import { writtenText } from '../../core/events/written-text.ts';
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
import { Problem } from './problem.ts';
import { type ApiContext, reply, route } from './route.ts';

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
  listCases: route({
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

  readCase: route({
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

  readEvidence: route({
    summary: 'What proves a case: both charges of each flag field by field, references, deadline, audit and its check',
    path,
    answers: { 200: evidenceSchema },
    problems: ['case-not-found'],
    async handle({ path: { id } }, context) {
      const detectorOf = ({ decidedBy, charge }: Flag) => context.configuration.detectorFor(decidedBy, charge);
      return reply(200, evidenceOf({ ...(await wholeCase(id, context)), detectorOf, nowMs: context.nowMs() }));
    },
  }),

  checkCase: route({
    summary: 'The check of a case’s audit chain: intact, or the first entry that is broken',
    path,
    answers: { 200: auditCheckSchema },
    problems: ['case-not-found'],
    async handle({ path: { id } }, context) {
      return reply(200, await checkOf(id, context));
    },
  }),

  commentCase: route({
    summary: 'Says something about a case, for others to read; the same words of one person are one comment',
    path,
    body: z.strictObject({ text: writtenText({ lengthMax: COMMENT_LENGTH_MAX, hasLines: true }) }),
    answers: { 201: commentViewSchema },
    problems: ['case-not-found', 'comments-full'],
    async handle({ path: { id }, body: { text }, by }, { cases, digests, nowMs }) {
      if ((await cases.readCase(id)) === undefined) throw absent(id);
      const comment = newComment({ caseId: id, by, atMs: nowMs(), text }, digests);
      const known = await cases.commentsOf(id);
      const same = known.find((each) => each.id === comment.id);
      if (same === undefined && known.length >= COMMENTS_MAX) {
        throw new Problem('comments-full', `The case has ${COMMENTS_MAX} comments. No further one is taken.`);
      }
      return reply(201, commentView(same ?? (await cases.addComment(comment))));
    },
  }),
};

async function wholeCase(id: CaseId, context: ApiContext) {
  const found = await context.cases.readCase(id);
  if (found === undefined) throw absent(id);
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

async function checkOf(id: CaseId, context: ApiContext): Promise<ChainCheck> {
  const verified = await verifyCase(id, context);
  if (verified === undefined) throw absent(id);
  return verified.check;
}

function absent(id: CaseId): Problem {
  return new Problem('case-not-found', `There is no case ${id}. List them with GET /cases.`);
}
