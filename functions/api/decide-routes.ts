import { capRaiseRoutes } from './cap-raise-routes.ts';
import { commentRoutes } from './comment-routes.ts';
import { decisionRoutes } from './decision-routes.ts';
import { freezeRoutes } from './freeze-routes.ts';
import { jobStartRoutes } from './job-start-routes.ts';
import { legalHoldRoutes } from './legal-hold-routes.ts';
import { type OperationOf, type OperatorAct, operatorAct, SHARED_ACTS, type SharedAct } from './operations.ts';
import { operatorRoutes } from './operator-routes.ts';
import { payerLinkRoutes } from './payer-link-routes.ts';
import type { DecideContext, Route } from './route.ts';

type Routes<Operation extends string> = { readonly [operation in Operation]: Route<DecideContext> };

const shared: Routes<SharedAct> = { ...capRaiseRoutes, ...freezeRoutes, ...payerLinkRoutes };

/** What an approver, a viewer or an operator does: each writes, and each is an act of the caller. */
export const decideRoutes: Routes<OperationOf<'decide'>> = {
  ...shared,
  ...commentRoutes,
  ...decisionRoutes,
  ...jobStartRoutes,
  ...legalHoldRoutes,
  ...operatorRoutes,
  ...underOperator(),
};

/** The same handlers under the paths of operators. */
function underOperator(): Routes<OperatorAct> {
  const entries = SHARED_ACTS.map((act) => [operatorAct(act), shared[act]]);
  return Object.fromEntries(entries); // one entry for each act, as the type says
}
