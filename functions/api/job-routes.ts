import * as z from 'zod';
import { DAY_MS } from '../../core/clock-units.ts';
import { jobView, jobViewSchema } from '../../core/jobs/job-view.ts';
import { contentId } from '../../core/queries/view-schema.ts';
import { Problem } from './problem.ts';
import { readRoute, reply } from './route.ts';

export const jobRoutes = {
  readJob: readRoute({
    summary: 'How far a job is: one’s own or confirmed by oneself, or for admins any',
    path: z.strictObject({ id: contentId.brand<'JobId'>() }),
    answers: { 200: jobViewSchema },
    problems: ['job-not-found'],
    async handle({ path: { id }, by, isAdmin }, { jobs, linkToExport, exportDays, nowMs }) {
      const job = await jobs.readJob(id);
      // Whose job it is is nobody else's business: for others it is not there.
      if (job === undefined || (job.by !== by && job.confirmed?.by !== by && !isAdmin)) {
        throw new Problem(
          'job-not-found',
          `You have no job ${id}. Jobs are forgotten after some days; start a new one.`,
        );
      }
      const { task, status, updatedAtMs } = job;
      // The job is remembered for longer than its file is kept.
      const hasFile = status === 'done' && nowMs() - updatedAtMs < exportDays * DAY_MS;
      const link = task.kind === 'export' && hasFile ? await linkToExport(job.id, task.format) : undefined;
      return reply(200, jobView(job, { nowMs: nowMs(), link }));
    },
  }),
};
