/** Groups of the user pool. What each may do includes what those before it may. */
export const ROLES = ['viewer', 'approver', 'admin'] as const;

export type Role = (typeof ROLES)[number];

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  /** The least role that may call it; `public` needs no token. */
  readonly role: Role | 'public';
}

/**
 * Where each operation of the API is found and who may call it, by operation id: the plain half of the table of routes,
 * from which the stack makes the gateway's routes. The other half, with schemas and handlers, is `routes.ts`.
 */
export const ROUTES = {
  listCases: { method: 'GET', path: '/cases', role: 'viewer' },
  readCase: { method: 'GET', path: '/cases/{id}', role: 'viewer' },
  checkCase: { method: 'GET', path: '/cases/{id}/audit', role: 'viewer' },
  readEvidence: { method: 'GET', path: '/cases/{id}/evidence', role: 'viewer' },
  commentCase: { method: 'POST', path: '/cases/{id}/comments', role: 'viewer' },
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
  readCaps: { method: 'GET', path: '/caps', role: 'viewer' },
  requestCapRaise: { method: 'POST', path: '/caps/raise', role: 'approver' },
  confirmCapRaise: { method: 'POST', path: '/caps/raise/{id}/confirm', role: 'approver' },
  describeApi: { method: 'GET', path: '/openapi.json', role: 'public' },
} as const satisfies { readonly [operation: string]: Endpoint };

export type Operation = keyof typeof ROUTES;

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
