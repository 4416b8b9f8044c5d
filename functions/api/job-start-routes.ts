import * as z from 'zod';
import { reasonText } from '../../core/events/written-text.ts';
import { newJob } from '../../core/jobs/job.ts';
import { withJobMac } from '../../core/jobs/job-mac.ts';
import { jobView, jobViewSchema } from '../../core/jobs/job-view.ts';
import { EXPORT_FORMATS, NO_COUNTS, type Task } from '../../core/jobs/task.ts';
import { caseFilterShape, contradictionsIn } from '../../core/queries/case-filter.ts';
import { incidentNotFound, Problem } from './problem.ts';
import { requireRecentSignIn } from './recent-sign-in.ts';
import { type DecideContext, decideRoute, reply } from './route.ts';

const incidentPath = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .brand<'IncidentId'>(),
});

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
      return reply(202, await begin({ kind: 'export', format, filter }, by, context));
    },
  }),

  approveIncident: decideRoute({
    summary:
      'Approves what waits in an incident’s cases, at a bounded rate; each flag by the rules of its own approval',
    path: incidentPath,
    body: z.strictObject({
      reason: reasonText,
      /** Also what was only monitored. */
      withMonitored: z.boolean().default(false),
    }),
    answers: { 202: jobViewSchema },
    problems: ['sign-in-again', 'incident-not-found'],
    async handle({ path: { id }, body: { reason, withMonitored }, by, signedInMs }, context) {
      requireRecentSignIn({ signedInMs }, context.nowMs());
      const incident = await context.incidents.readIncident(id);
      if (incident === undefined) {
        throw incidentNotFound(id);
      }
      const task = { kind: 'bulk-approval', incidentId: id, reason, counts: NO_COUNTS } as const;
      return reply(202, await begin({ ...task, ...(withMonitored && { withMonitored }) }, by, context));
    },
  }),
};

/** The job is begun by being written: its table's stream calls the runner. */
async function begin(task: Task, by: string, context: DecideContext) {
  const job = await withJobMac(newJob({ task, by, nowMs: context.nowMs() }, context.digests), context);
  await context.jobs.createJob(job);
  return jobView(job);
}
