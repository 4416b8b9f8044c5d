import * as z from 'zod';
import { DAY_MS } from '../../core/clock-units.ts';
import { reasonText } from '../../core/events/written-text.ts';
import { newJob } from '../../core/jobs/job.ts';
import { jobView, jobViewSchema } from '../../core/jobs/job-view.ts';
import { EXPORT_FORMATS, NO_COUNTS, type Task } from '../../core/jobs/task.ts';
import { caseFilterShape, contradictionsIn } from '../../core/queries/case-filter.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import { EXPORT_DAYS } from '../jobs/environment.ts';
import { Problem } from './problem.ts';
import { type ApiContext, reply, route } from './route.ts';

const incidentPath = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .brand<'IncidentId'>(),
});

export const jobRoutes = {
  exportCases: route({
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

  approveIncident: route({
    summary:
      'Approves what waits in an incident’s cases, at a bounded rate; each flag by the rules of its own approval',
    path: incidentPath,
    body: z.strictObject({
      reason: reasonText,
      /** Also what was only monitored. */
      withMonitored: z.boolean().default(false),
    }),
    answers: { 202: jobViewSchema },
    problems: ['incident-not-found'],
    async handle({ path: { id }, body: { reason, withMonitored }, by }, context) {
      const incident = await context.incidents.readIncident(id);
      if (incident === undefined) {
        throw new Problem('incident-not-found', `There is no incident ${id}. List them with GET /incidents.`);
      }
      const task = { kind: 'bulk-approval', incidentId: id, reason, counts: NO_COUNTS } as const;
      return reply(202, await begin({ ...task, ...(withMonitored && { withMonitored }) }, by, context));
    },
  }),

  readJob: route({
    summary: 'How far a job is: one’s own, or for admins anybody’s',
    path: z.strictObject({ id: contentId.brand<'JobId'>() }),
    answers: { 200: jobViewSchema },
    problems: ['job-not-found'],
    async handle({ path: { id }, by, isAdmin }, { jobs, linkToExport, nowMs }) {
      const job = await jobs.readJob(id);
      // Whose job it is is nobody else's business: for others it is not there.
      if (job === undefined || (job.by !== by && !isAdmin)) {
        throw new Problem(
          'job-not-found',
          `You have no job ${id}. Jobs are forgotten after some days; start a new one.`,
        );
      }
      const { task, status, updatedAtMs } = job;
      // The job is remembered for longer than its file is kept.
      const hasFile = status === 'done' && nowMs() - updatedAtMs < EXPORT_DAYS * DAY_MS;
      const link = task.kind === 'export' && hasFile ? await linkToExport(job.id, task.format) : undefined;
      return reply(200, jobView(job, link));
    },
  }),
};

/** The job is begun by being written: its table's stream calls the runner. */
async function begin(task: Task, by: string, { jobs, nowMs, digests }: ApiContext) {
  const job = newJob({ task, by, nowMs: nowMs() }, digests);
  await jobs.createJob(job);
  return jobView(job);
}
