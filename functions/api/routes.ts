import * as z from 'zod';
import { named } from '../../core/queries/view-schema.ts';
import { capRoutes } from './cap-routes.ts';
import { caseRoutes } from './case-routes.ts';
import { flagRoutes } from './flag-routes.ts';
import { freezeRoutes } from './freeze-routes.ts';
import { incidentRoutes } from './incident-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { openApi } from './openapi.ts';
import type { Operation } from './operations.ts';
import { overviewRoutes } from './overview-routes.ts';
import { payerRoutes } from './payer-routes.ts';
import { publicRoute, type Route, reply } from './route.ts';
import { settingsRoutes } from './settings-routes.ts';

const description = z.looseObject({ openapi: z.string() }).register(named, { id: 'Description' });

/** Every operation of the API: schemas and handlers. Its other half, method, path and role, is in `operations.ts`. */
export const routes: { readonly [operation in Operation]: Route } = {
  ...caseRoutes,
  ...flagRoutes,
  ...incidentRoutes,
  ...jobRoutes,
  ...payerRoutes,
  ...overviewRoutes,
  ...settingsRoutes,
  ...freezeRoutes,
  ...capRoutes,
  describeApi: publicRoute({
    summary: 'This description',
    answers: { 200: description },
    handle: async () => reply(200, openApi(routes)),
  }),
};
