import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { Problem } from './problem.ts';

export type Role = 'viewer' | 'approver' | 'admin';

/** What each role may do includes what the roles before it may. */
const RANK: { readonly [role in Role]: number } = { viewer: 0, approver: 1, admin: 2 };

export interface Caller {
  readonly subject: string;
  readonly groups: readonly string[];
}

/**
 * Who calls, from the token that the authorizer has checked. The authorizer does not look at groups, and hands the list
 * on as one text, `[admin viewer]`: the role is decided here alone.
 */
export function callerOf(event: APIGatewayProxyEventV2WithJWTAuthorizer): Caller {
  const claims = event.requestContext.authorizer?.jwt?.claims ?? {};
  const subject = claims.sub;
  if (typeof subject !== 'string' || subject === '') throw new Problem(401, 'Unauthorized', 'the token names nobody');
  const groups = String(claims['cognito:groups'] ?? '')
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .map((group) => group.replaceAll('"', ''))
    .filter((group) => group !== '');
  return { subject, groups };
}

/** Lets the caller pass who is in the group, or in one that may do more. */
export function demand(caller: Caller, needed: Role): void {
  const ranks = caller.groups.map((group) => (isRole(group) ? RANK[group] : -1));
  if (Math.max(-1, ...ranks) < RANK[needed]) throw new Problem(403, 'Forbidden', `this needs the group ${needed}`);
}

function isRole(group: string): group is Role {
  return Object.hasOwn(RANK, group);
}
