import { capRaiseRoutes } from './cap-raise-routes.ts';
import { commentRoutes } from './comment-routes.ts';
import { decisionRoutes } from './decision-routes.ts';
import { freezeRoutes } from './freeze-routes.ts';
import { jobStartRoutes } from './job-start-routes.ts';
import { legalHoldRoutes } from './legal-hold-routes.ts';
import type { OperationOf } from './operations.ts';
import { payerLinkRoutes } from './payer-link-routes.ts';
import type { DecideContext, Route } from './route.ts';

/** What an approver, a viewer or an operator does: each writes, and each is an act of the caller. */
export const decideRoutes: { readonly [operation in OperationOf<'decide'>]: Route<DecideContext> } = {
  ...capRaiseRoutes,
  ...commentRoutes,
  ...decisionRoutes,
  ...freezeRoutes,
  ...jobStartRoutes,
  ...legalHoldRoutes,
  ...payerLinkRoutes,
};
