/** Groups of the user pool. What each may do includes what those before it may. */
export const ROLES = ['viewer', 'approver', 'admin'] as const;

export type Role = (typeof ROLES)[number];

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  /** The least role that may call it; `public` needs no token, `operator` a request that an AWS identity has signed. */
  readonly role: Role | 'public' | 'operator';
}

/** The operations of users, who have tokens, and those that need none. */
const USER_ROUTES = {
  listCases: { method: 'GET', path: '/cases', role: 'viewer' },
  readCase: { method: 'GET', path: '/cases/{id}', role: 'viewer' },
  checkCase: { method: 'GET', path: '/cases/{id}/audit', role: 'viewer' },
  readEvidence: { method: 'GET', path: '/cases/{id}/evidence', role: 'viewer' },
  commentCase: { method: 'POST', path: '/cases/{id}/comments', role: 'viewer' },
  placeLegalHold: { method: 'POST', path: '/cases/{id}/legal-hold', role: 'admin' },
  releaseLegalHold: { method: 'POST', path: '/cases/{id}/legal-hold/release', role: 'admin' },
  listWaiting: { method: 'GET', path: '/waiting', role: 'viewer' },
  readFlag: { method: 'GET', path: '/flags/{id}', role: 'viewer' },
  approveFlag: { method: 'POST', path: '/flags/{id}/approve', role: 'approver' },
  markRefundedInError: { method: 'POST', path: '/flags/{id}/refunded-in-error', role: 'approver' },
  keepFlag: { method: 'POST', path: '/flags/{id}/keep', role: 'approver' },
  listIncidents: { method: 'GET', path: '/incidents', role: 'viewer' },
  readIncident: { method: 'GET', path: '/incidents/{id}', role: 'viewer' },
  approveIncident: { method: 'POST', path: '/incidents/{id}/approve', role: 'approver' },
  readIncidentApproval: { method: 'GET', path: '/incidents/{id}/approval', role: 'viewer' },
  exportCases: { method: 'POST', path: '/exports', role: 'viewer' },
  readJob: { method: 'GET', path: '/jobs/{id}', role: 'viewer' },
  confirmJob: { method: 'POST', path: '/jobs/{id}/confirm', role: 'approver' },
  readPayerStatus: { method: 'GET', path: '/payers/status', role: 'viewer' },
  makePayerLink: { method: 'POST', path: '/payer-links', role: 'viewer' },
  openPayerLink: { method: 'GET', path: '/payer-links/{link}', role: 'public' },
  readOverview: { method: 'GET', path: '/overview', role: 'viewer' },
  readStatistics: { method: 'GET', path: '/statistics', role: 'viewer' },
  readSettings: { method: 'GET', path: '/settings', role: 'viewer' },
  freezeRefunds: { method: 'POST', path: '/refunds/freeze', role: 'admin' },
  thawRefunds: { method: 'POST', path: '/refunds/thaw', role: 'admin' },
  confirmThaw: { method: 'POST', path: '/refunds/thaw/{id}/confirm', role: 'admin' },
  readCaps: { method: 'GET', path: '/caps', role: 'viewer' },
  requestCapRaise: { method: 'POST', path: '/caps/raise', role: 'approver' },
  confirmCapRaise: { method: 'POST', path: '/caps/raise/{id}/confirm', role: 'approver' },
  describeApi: { method: 'GET', path: '/openapi.json', role: 'public' },
} as const satisfies { readonly [operation: string]: Endpoint };

/** What operators do alone, by the command line. */
const OPERATOR_ROUTES = {
  restoreAttestation: { method: 'POST', path: '/operator/attestations/restore', role: 'operator' },
  reconcileFlag: { method: 'POST', path: '/operator/flags/{id}/reconcile', role: 'operator' },
  explainDifference: { method: 'POST', path: '/operator/flags/{id}/explain', role: 'operator' },
} as const satisfies { readonly [operation: string]: Endpoint };

/** What operators do as users do. A route has one authorizer, so each has a second path, with the same handler. */
export const SHARED_ACTS = [
  'freezeRefunds',
  'thawRefunds',
  'confirmThaw',
  'requestCapRaise',
  'confirmCapRaise',
  'makePayerLink',
] as const satisfies readonly (keyof typeof USER_ROUTES)[];

export type SharedAct = (typeof SHARED_ACTS)[number];
/** The operation id of an act under its second path. */
export type OperatorAct<Act extends SharedAct = SharedAct> = `operator${Capitalize<Act>}`;

export function operatorAct<Act extends SharedAct>(act: Act): OperatorAct<Act> {
  return `operator${act.charAt(0).toUpperCase()}${act.slice(1)}` as OperatorAct<Act>; // as Capitalize says
}

type SharedRoutes = {
  readonly [Act in SharedAct as OperatorAct<Act>]: {
    readonly method: (typeof USER_ROUTES)[Act]['method'];
    readonly path: `/operator${(typeof USER_ROUTES)[Act]['path']}`;
    readonly role: 'operator';
  };
};

const SHARED_ROUTES = Object.fromEntries(
  SHARED_ACTS.map((act) => {
    const { method, path } = USER_ROUTES[act];
    return [operatorAct(act), { method, path: `/operator${path}`, role: 'operator' }];
  }),
) as SharedRoutes; // one entry for each act, as the type says

/**
 * Where each operation of the API is found and who may call it, by operation id: the plain half of the table of routes,
 * from which the stack makes the gateway's routes. The other half, with schemas and handlers, is `routes.ts`.
 */
export const ROUTES = { ...USER_ROUTES, ...OPERATOR_ROUTES, ...SHARED_ROUTES };

export type Operation = keyof typeof ROUTES;

/** The header in which CloudFront proves to the API that a request came through it. */
export const EDGE_HEADER = 'x-onecharge-edge';

/** The header in which CloudFront states the address of a request's sender, in the place of what the sender wrote there. */
export const VIEWER_HEADER = 'x-onecharge-viewer';

/** Returns true where requests must come through CloudFront: users and payers have no other way. */
export function isBehindEdge({ role }: { readonly role: string }): boolean {
  return role === 'public' || ROLES.some((one) => one === role);
}

/** The functions that answer. Each has a role of its own: what one cannot do, none of its requests can. */
export const DOORS = ['public', 'read', 'decide'] as const;
export type Door = (typeof DOORS)[number];

/** The operations of one function: those without a token, those that only read, those that write. */
export type OperationOf<Of extends Door> = {
  readonly [Each in Operation]: DoorOf<(typeof ROUTES)[Each]> extends Of ? Each : never;
}[Operation];

type DoorOf<Of extends Endpoint> = Of extends { readonly role: 'public' }
  ? 'public'
  : Of extends { readonly method: 'GET' }
    ? 'read'
    : 'decide';

/** Returns the function that answers an operation. */
export function doorOf({ method, role }: Endpoint): Door {
  if (role === 'public') return 'public';
  return method === 'GET' ? 'read' : 'decide';
}
