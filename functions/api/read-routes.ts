import { capRoutes } from './cap-routes.ts';
import { caseRoutes } from './case-routes.ts';
import { flagRoutes } from './flag-routes.ts';
import { incidentRoutes } from './incident-routes.ts';
import { jobRoutes } from './job-routes.ts';
import type { OperationOf } from './operations.ts';
import { overviewRoutes } from './overview-routes.ts';
import { payerRoutes } from './payer-routes.ts';
import type { ReadContext, Route } from './route.ts';
import { settingsRoutes } from './settings-routes.ts';

/** What compliance may see. */
export const readRoutes: { readonly [operation in OperationOf<'read'>]: Route<ReadContext> } = {
  ...caseRoutes,
  ...flagRoutes,
  ...incidentRoutes,
  ...jobRoutes,
  ...payerRoutes,
  ...overviewRoutes,
  ...settingsRoutes,
  ...capRoutes,
};
