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
import { createApi } from '../../../functions/api/api.ts';
import { problemsOf } from '../../../functions/api/openapi.ts';
import { type Operation, ROUTES } from '../../../functions/api/operations.ts';
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
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers, each of which has passed its schema.
  readonly body: any;
}

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
    linkToExport: async (jobId: string, format: string) => ({
      url: `https://files/${jobId}.${format}`,
      expiresAtMs: context.nowMs() + 5 * MINUTE,
    }),
  } satisfies ApiContext;
}

/** The API as the gateway calls it. Every answer is checked against the schema that the description gives it. */
export function createDesk(context: ApiContext) {
  const handler = createApi(routes, async () => context);

  async function ask(method: string, url: string, asking: Asking = {}): Promise<Answered> {
    const endpoint = endpointOf(method, url);
    const answer = await handler(eventOf(method, url, asking), { functionName: 'query' } as Context);
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

/** What an HTTP API sends with payload format 2.0, as far as anybody reads it. */
function eventOf(method: string, url: string, asking: Asking) {
  const {
    by = 'ann',
    groups = '[viewer]',
    inToken = groups?.slice(1, -1).split(' '),
    tokenUse = 'access',
    body,
  } = asking;
  const { pathname, searchParams } = new URL(url, 'https://api');
  const claims = { sub: by, token_use: tokenUse, 'cognito:groups': groups };
  const payload = Buffer.from(JSON.stringify({ 'cognito:groups': inToken })).toString('base64url');
  return {
    version: '2.0',
    rawPath: pathname,
    routeKey: `${method} ${pathname}`,
    queryStringParameters: Object.fromEntries(searchParams),
    headers: { ...(groups !== null && { authorization: `Bearer header.${payload}.signature` }) },
    requestContext: {
      http: { method, path: pathname, sourceIp: '203.0.113.7' },
      ...(groups !== null && { authorizer: { jwt: { claims, scopes: [] } } }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer; // the fields that the API reads
}
