import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { isCurrency } from '../../core/events/money.ts';
import { reasonText } from '../../core/events/written-text.ts';
import { newJob } from '../../core/jobs/job.ts';
import { jobView, jobViewSchema } from '../../core/jobs/job-view.ts';
import { confirmOrder, orderApproval } from '../../core/jobs/order-approval.ts';
import { EXPORT_FORMATS } from '../../core/jobs/task.ts';
import { caseFilterShape, contradictionsIn } from '../../core/queries/case-filter.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import { incidentNotFound, Problem } from './problem.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
import { ORDER_REFUSALS, refusal } from './refusals.ts';
import { decideRoute, reply } from './route.ts';

const incidentPath = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .brand<'IncidentId'>(),
});

const sums = z
  .record(z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY'), minorSchema)
  .refine((given) => Object.keys(given).length > 0, 'must name the sum of a currency');

export const jobStartRoutes = {
  exportCases: decideRoute({
    summary: 'Writes all cases that the filter lets through to a file; the job has its link when it is done',
    body: z.strictObject({
      format: z.enum(EXPORT_FORMATS),
      filter: z.strictObject(caseFilterShape).prefault({}),
    }),
    answers: { 202: jobViewSchema },
    problems: ['filters-contradict'],
    async handle({ body: { format, filter }, by }, context) {
      const problems = contradictionsIn(filter);
      if (problems.length > 0) throw new Problem('filters-contradict', problems.join('; '));
      const { digests, jobs, nowMs } = context;
      const job = newJob({ task: { kind: 'export', format, filter }, by, nowMs: nowMs() }, digests);
      // The job is begun by being written: its table's stream calls the runner.
      await jobs.createJob(job);
      return reply(202, jobView(job, { nowMs: nowMs() }));
    },
  }),

  approveIncident: decideRoute({
    summary:
      'Orders the approval of what waits in an incident’s cases, up to the sums that the caller saw; above what one may release alone the job waits for a second approver',
    path: incidentPath,
    body: z.strictObject({
      reason: reasonText,
      /** Also what was only monitored. */
      withMonitored: z.boolean().default(false),
      /** By currency, as GET /incidents/{id}/approval answered: the order releases at most these. */
      sums,
    }),
    answers: { 202: jobViewSchema },
    problems: ['sign-in-again', 'incident-not-found'],
    async handle({ path: { id }, body: { reason, withMonitored, sums }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      const incident = await context.incidents.readIncident(id);
      if (incident === undefined) {
        throw incidentNotFound(id);
      }
      const job = await orderApproval({ incidentId: id, reason, withMonitored, sums, by }, context);
      return reply(202, jobView(job, { nowMs: context.nowMs() }));
    },
  }),

  confirmJob: decideRoute({
    summary:
      'Confirms another approver’s order to approve an incident, as it is: it is carried out in the names of both',
    path: z.strictObject({ id: contentId.brand<'JobId'>() }),
    answers: { 202: jobViewSchema },
    problems: ['sign-in-again', 'job-not-found', 'own-order', 'order-closed'],
    async handle({ path: { id }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      const outcome = await confirmOrder({ id, by }, context);
      if (outcome.kind === 'refused') throw refusal(ORDER_REFUSALS[outcome.reason]);
      return reply(202, jobView(outcome.job, { nowMs: context.nowMs() }));
    },
  }),
};
