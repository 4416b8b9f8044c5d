import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import { awsIdentitySchema, isReservedName, operatorOf } from '../../core/cases/actor.ts';
import { SECOND_MS } from '../../core/clock-units.ts';
import { ROLES, type Role } from './operations.ts';
import { Problem } from './problem.ts';

export interface Caller {
  readonly subject: string;
  /** The name of the user, under which the user pool finds them. */
  readonly name: string;
  readonly groups: readonly string[];
  /** When the user signed in, with password and code: a refreshed token keeps it. Undefined where the token does not state it. */
  readonly signedInMs: Ms | undefined;
}

/** Who signed an operator's request. */
export interface OperatorCaller {
  readonly kind: 'operator';
  readonly subject: string;
}

type Event = Pick<APIGatewayProxyEventV2WithJWTAuthorizer, 'requestContext' | 'headers'>;

const GROUPS = 'cognito:groups';
const groupsSchema = z.array(z.string());
const authorizerSchema = z.object({ iam: awsIdentitySchema });
const tokenSchema = z.object({ [GROUPS]: groupsSchema });

/**
 * Who calls, from the token that the authorizer has verified. The authorizer takes ID tokens too, and does not look at groups:
 * both are decided here alone.
 */
export function callerOf(event: Event): Caller {
  const claims = event.requestContext.authorizer?.jwt?.claims ?? {};
  const subject = claims.sub;
  if (typeof subject !== 'string' || subject === '') {
    throw new Problem('subject-missing', 'The token names no subject. Sign in again.');
  }
  if (isReservedName(subject)) {
    throw new Problem('subject-missing', 'The token names a subject that no user can have. Sign in as another user.');
  }
  if (claims.token_use !== 'access') {
    throw new Problem('subject-missing', 'This is not an access token. Sign in again, and send the access token.');
  }
  const name = typeof claims.username === 'string' ? claims.username : subject;
  return { subject, name, groups: groupsOf(claims[GROUPS], event), signedInMs: timeOf(claims.auth_time) };
}

/** The gateway writes numbers as texts. */
function timeOf(seconds: unknown): Ms | undefined {
  const isWhole = /^[1-9]\d{0,11}$/.test(String(seconds));
  return isWhole ? Number(seconds) * SECOND_MS : undefined;
}

/**
 * Returns the operator who signed the request, by the identity that the authorizer has verified. A token counts for nothing
 * here, as a signature does on every other route.
 */
export function operatorCalling(event: Event): OperatorCaller {
  const subject = signerOf(event);
  if (subject === undefined) {
    const detail = 'The request is not signed by an IAM user or a session of a role. Use such credentials.';
    throw new Problem('subject-missing', detail);
  }
  return { kind: 'operator', subject };
}

/** Returns the name of the AWS identity that signed the request, where one did. */
export function signerOf({ requestContext }: Pick<Event, 'requestContext'>): string | undefined {
  const { success, data } = authorizerSchema.safeParse(requestContext.authorizer);
  return success ? operatorOf(data.iam) : undefined;
}

/**
 * The gateway writes the verified list as one text, `[approver viewer]`, in which a blank may separate two groups or be part of
 * one. So the list is read from the token itself, and must read as the verified text does. Otherwise there are no groups.
 */
function groupsOf(verified: unknown, { headers }: Event): readonly string[] {
  const list = groupsSchema.safeParse(verified);
  if (list.success) return list.data;
  const stated = groupsInToken(headers?.authorization);
  return verified === `[${stated.join(' ')}]` ? stated : [];
}

function groupsInToken(authorization = ''): readonly string[] {
  const [, payload = ''] = authorization.replace(/^Bearer /i, '').split('.');
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))[GROUPS];
  } catch {
    return [];
  }
}

/** Requires the role, or a higher one. */
export function requireRole(caller: Pick<Caller, 'groups'>, needed: Role): void {
  if (isIn(caller, needed)) return;
  throw new Problem('role-needed', `This requires the role ${needed} or higher. Ask an administrator for it.`);
}

/** In the group, or in one that may do more. A group counts by its whole name alone. */
export function isIn({ groups }: Pick<Caller, 'groups'>, role: Role): boolean {
  return ROLES.findLastIndex((one) => groups.includes(one)) >= ROLES.indexOf(role);
}
