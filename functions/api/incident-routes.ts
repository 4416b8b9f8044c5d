import * as z from 'zod';
import { sumOfIncident } from '../../core/jobs/incident-sum.ts';
import { incidentApprovalSchema, jobView } from '../../core/jobs/job-view.ts';
import { integer } from '../../core/queries/case-filter.ts';
import { incidentView, incidentViewSchema } from '../../core/queries/incident-view.ts';
import { named } from '../../core/queries/view-schema.ts';
import { incidentNotFound } from './problem.ts';
import { readRoute, reply } from './route.ts';

const incidentPage = z
  .strictObject({ incidents: z.array(incidentViewSchema), cursor: z.string().optional() })
  .register(named, { id: 'IncidentPage' });

const incidentPath = z.strictObject({
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .brand<'IncidentId'>(),
});

export const incidentRoutes = {
  listIncidents: readRoute({
    summary: 'Incidents, newest first',
    query: z.strictObject({
      limit: integer(z.int().min(1).max(100)).default(25),
      /** The position of an incident in the list: when it was opened, and its id. */
      cursor: z
        .string()
        .regex(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z#[\w-]{1,80}$/)
        .optional(),
    }),
    answers: { 200: incidentPage },
    async handle({ query: { limit, cursor } }, { incidents }) {
      const page = await incidents.listIncidents({ limit, cursor });
      return reply(200, { incidents: page.items.map(incidentView), cursor: page.cursor });
    },
  }),

  readIncident: readRoute({
    summary: 'An incident',
    path: incidentPath,
    answers: { 200: incidentViewSchema },
    problems: ['incident-not-found'],
    async handle({ path: { id } }, { incidents }) {
      const found = await incidents.readIncident(id);
      if (found === undefined) throw incidentNotFound(id);
      return reply(200, incidentView(found));
    },
  }),

  readIncidentApproval: readRoute({
    summary: 'What the approval of an incident would release, and an order that waits for its second approver',
    path: incidentPath,
    query: z.strictObject({ withMonitored: z.enum(['true', 'false']).default('false') }),
    answers: { 200: incidentApprovalSchema },
    problems: ['incident-not-found'],
    async handle({ path: { id }, query }, context) {
      const found = await context.incidents.readIncident(id);
      if (found === undefined) throw incidentNotFound(id);
      const withMonitored = query.withMonitored === 'true';
      const sum = await sumOfIncident({ incidentId: id, withMonitored }, context);
      const newest = await context.jobs.waitingOrder(id);
      const order = newest && jobView(newest, { nowMs: context.nowMs() });
      return reply(200, { ...sum, order: order?.status === 'waiting' ? order : undefined });
    },
  }),
};
