import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import { expect } from 'vitest';
import type * as z from 'zod';
import { createLinkKey } from '../../../adapters/crypto/link-key.ts';
import { createMemoryApprovalMacs } from '../../../adapters/memory/approval-macs.ts';
import { createMemoryApproverSums } from '../../../adapters/memory/approver-sums.ts';
import { createMemoryCapRaises } from '../../../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { createMemoryIncidentStore } from '../../../adapters/memory/incident-store.ts';
import { createMemoryJobStore } from '../../../adapters/memory/job-store.ts';
import { createMemoryStatisticsStore } from '../../../adapters/memory/statistics-store.ts';
import { createMemoryUsers } from '../../../adapters/memory/users.ts';
import type { AwsIdentity } from '../../../core/cases/actor.ts';
import type { EdgeKeys } from '../../../core/edge-keys.ts';
import type { Users } from '../../../core/users.ts';
import { createApi } from '../../../functions/api/api.ts';
import { problemsOf } from '../../../functions/api/openapi.ts';
import { EDGE_HEADER, type Operation, ROUTES, VIEWER_HEADER } from '../../../functions/api/operations.ts';
import { PROBLEMS, problemSchema } from '../../../functions/api/problem.ts';
import type { ApiContext } from '../../../functions/api/route.ts';
import { routes } from '../../../functions/api/routes.ts';
import { MINUTE } from '../../fixtures/charges.ts';
import type { DetectionContext } from '../../fixtures/contexts.ts';

export interface Asking {
  /** Who asks: the subject of the token. */
  readonly by?: string;
  /** As the gateway hands it on; null: no token. */
  readonly groups?: string | null;
  /** The groups in the token itself; by default those of the gateway's text. */
  readonly inToken?: readonly string[];
  readonly tokenUse?: string;
  /** When the caller signed in, as the token states it; by default now. Null: it does not. */
  readonly signedInMs?: number | string | null;
  /** The groups of the user pool now; by default those in the token. */
  readonly now?: readonly string[];
  /** What stands before the API has added, or the caller made up. */
  readonly edge?: string;
  /** The sender's address as CloudFront states it, or as the sender made it up. */
  readonly viewer?: string;
  /** The AWS identity that signed the request, as an IAM authorizer states it; then there is no token. */
  readonly signedBy?: Partial<AwsIdentity>;
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers, each of which has passed its schema.
  readonly body: any;
}

const CALLER = 'ann';
const LINK_KEY = createLinkKey({ version: '1', key: 'a key for tests, which is long enough' });

/** What the API works with, over stores in memory. */
export function queryContext(context: DetectionContext) {
  return {
    ...context,
    approvalMacs: createMemoryApprovalMacs(),
    approverSums: createMemoryApproverSums(),
    incidents: createMemoryIncidentStore(),
    statistics: createMemoryStatisticsStore(),
    freezes: createMemoryFreezeStore(),
    raises: createMemoryCapRaises(),
    noteCapRaise: () => {},
    jobs: createMemoryJobStore(),
    linkKeys: {
      currentKey: async () => LINK_KEY,
      linkKeyOf: async (version: string) => (version === '1' ? LINK_KEY : undefined),
    },
    exportDays: 3,
    linkToExport: async (jobId: string, format: string) => ({
      url: `https://files/${jobId}.${format}`,
      expiresAtMs: context.nowMs() + 5 * MINUTE,
    }),
  } satisfies DeskContext;
}

/** Without other `users`, each caller is a user in the groups that they ask with. */
export type DeskContext = Omit<ApiContext, 'users'> & { readonly users?: Users };

/** The API as the gateway calls it. Every answer is checked against the schema that the description gives it. */
export function createDesk(context: DeskContext, edge?: EdgeKeys) {
  const users = createMemoryUsers();
  const handler = createApi(routes, async () => ({ users, ...context }), edge);

  async function ask(method: string, url: string, asking: Asking = {}): Promise<Answered> {
    const { by = CALLER, now = groupsInToken(asking) } = asking;
    users.putUser({ name: by, subject: by, groups: now, isEnabled: true });
    const endpoint = endpointOf(method, url);
    const answer = await handler(eventOf(method, url, { signedInMs: context.nowMs(), ...asking }), {
      functionName: 'query',
    } as Context);
    const contentType = String(answer.headers?.['content-type']);
    const answered = {
      status: answer.statusCode ?? 0,
      contentType,
      headers: answer.headers ?? {},
      body: JSON.parse(answer.body ?? ''),
    };
    schemaOf(endpoint, answered).parse(answered.body);
    if (endpoint !== undefined && contentType === 'application/problem+json') {
      expect(problemsOf(endpoint, routes[endpoint])).toContain(answered.body.code);
      expect(PROBLEMS[problemSchema.parse(answered.body).code].status).toBe(answered.status);
    }
    return answered;
  }

  return {
    ask,
    get: (url: string, asking?: Asking) => ask('GET', url, asking),
    post: (url: string, body: unknown, asking?: Asking) => ask('POST', url, { ...asking, body }),
  };
}

function schemaOf(operation: Operation | undefined, { status, contentType }: Answered): z.ZodType {
  if (contentType === 'application/problem+json') return problemSchema;
  const schema = operation && routes[operation].answers[status];
  if (schema === undefined) throw new Error(`${operation} is not described to answer ${status}`);
  return schema;
}

function endpointOf(method: string, url: string): Operation | undefined {
  const { pathname } = new URL(url, 'https://api');
  const operations = Object.keys(ROUTES) as Operation[];
  return operations.find((operation) => {
    const pattern = ROUTES[operation].path.replaceAll(/\{\w+\}/g, '[^/]+');
    return ROUTES[operation].method === method && new RegExp(`^${pattern}$`).test(pathname);
  });
}

function groupsInToken({ groups = '[viewer]', inToken = groups?.slice(1, -1).split(' ') ?? [] }: Asking) {
  return inToken;
}

/** What an HTTP API sends with payload format 2.0, as far as anybody reads it. */
function eventOf(method: string, url: string, asking: Asking) {
  const { by = CALLER, groups = '[viewer]', tokenUse = 'access', signedInMs, edge, viewer, signedBy, body } = asking;
  const { pathname, searchParams } = new URL(url, 'https://api');
  const claims = {
    sub: by,
    username: by,
    token_use: tokenUse,
    'cognito:groups': groups,
    auth_time: typeof signedInMs === 'number' ? String(Math.floor(signedInMs / 1_000)) : signedInMs,
  };
  const payload = Buffer.from(JSON.stringify({ 'cognito:groups': groupsInToken(asking) })).toString('base64url');
  return {
    version: '2.0',
    rawPath: pathname,
    routeKey: `${method} ${pathname}`,
    queryStringParameters: Object.fromEntries(searchParams),
    headers: {
      ...(edge !== undefined && { [EDGE_HEADER]: edge }),
      ...(viewer !== undefined && { [VIEWER_HEADER]: viewer }),
      ...(groups !== null && { authorization: `Bearer header.${payload}.signature` }),
    },
    requestContext: {
      http: { method, path: pathname, sourceIp: '203.0.113.7' },
      ...(signedBy === undefined && groups !== null && { authorizer: { jwt: { claims, scopes: [] } } }),
      ...(signedBy !== undefined && { authorizer: { iam: signedBy } }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer; // the fields that the API reads
}
