import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { ROLES, type Role } from './operations.ts';
import { Problem } from './problem.ts';

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
  if (typeof subject !== 'string' || subject === '') {
    throw new Problem('subject-missing', 'The token names no subject. Sign in again.');
  }
  const groups = String(claims['cognito:groups'] ?? '')
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .map((group) => group.replaceAll('"', ''))
    .filter((group) => group !== '');
  return { subject, groups };
}

/** Requires the role, or a higher one. */
export function requireRole(caller: Caller, needed: Role): void {
  if (isIn(caller, needed)) return;
  throw new Problem('role-needed', `This requires the role ${needed} or higher. Ask an administrator for it.`);
}

/** In the group, or in one that may do more. */
export function isIn({ groups }: Caller, role: Role): boolean {
  return ROLES.findLastIndex((one) => groups.includes(one)) >= ROLES.indexOf(role);
}
