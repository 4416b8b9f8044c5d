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
  if (typeof subject !== 'string' || subject === '') throw new Problem(401, 'the token names nobody');
  const groups = String(claims['cognito:groups'] ?? '')
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .map((group) => group.replaceAll('"', ''))
    .filter((group) => group !== '');
  return { subject, groups };
}

/** Lets the caller pass who is in the group, or in one that may do more. */
export function demand(caller: Caller, needed: Role): void {
  if (!isIn(caller, needed)) throw new Problem(403, `this needs the group ${needed}`);
}

/** In the group, or in one that may do more. */
export function isIn({ groups }: Caller, role: Role): boolean {
  return ROLES.findLastIndex((one) => groups.includes(one)) >= ROLES.indexOf(role);
}
