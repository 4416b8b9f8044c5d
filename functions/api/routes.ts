import { decideRoutes } from './decide-routes.ts';
import type { Operation } from './operations.ts';
import { publicRoutes } from './public-routes.ts';
import { readRoutes } from './read-routes.ts';
import type { ApiContext, Route } from './route.ts';

/** Every operation of the API: schemas and handlers. Its other half, method, path and role, is in `operations.ts`. */
export const routes: { readonly [operation in Operation]: Route<ApiContext> } = {
  ...publicRoutes,
  ...readRoutes,
  ...decideRoutes,
};
