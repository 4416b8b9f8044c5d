import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { EdgeKeys } from '../../core/edge-keys.ts';
import { logger, noteFault } from '../observability.ts';
import { accessLog } from './access-log.ts';
import { callerOf, operatorCalling, requireRole } from './caller.ts';
import { throughEdge } from './edge.ts';
import { type Operation, ROUTES } from './operations.ts';
import { Problem, problemDetails } from './problem.ts';
import type { RawRequest, Reply, Route } from './route.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type Answer = APIGatewayProxyStructuredResultV2;
type Routes<Context> = { readonly [operation in Operation]?: Route<Context> };

/** A reason or a comment is the longest that a body holds. */
const BODY_BYTES_MAX = 16_384;

/**
 * The compliance API: lets pass what came through the edge, where the stage has one, finds the operation, asks for its role, parses, answers. The authorizer has checked the token; the
 * role is checked here, for every route alike. What goes wrong is answered as problem details.
 */
export function createApi<Context>(
  routes: Routes<Context>,
  context: () => Promise<Context>,
  edge: EdgeKeys | undefined,
) {
  const operations = Object.entries(routes) as [Operation, Route<Context>][];
  const table = operations.map(([operation, route]) => ({
    method: ROUTES[operation].method,
    path: ROUTES[operation].path,
    handler: async (event: Event) => json(await route.answer(requestOf(operation, event), await context())),
  }));
  return middy<Event, Answer>()
    .use(injectLambdaContext(logger))
    .use(accessLog())
    .use(edge === undefined ? [] : [throughEdge(edge)])
    .onError((request) => {
      const { error } = request;
      const problem = error instanceof Problem ? error : failed(error);
      request.response = uncached(problemDetails(problem));
    })
    .handler(
      httpRouter({ routes: table, notFoundResponse: ({ method, path }) => Promise.reject(nowhere(method, path)) }),
    );
}

/** The caller learns nothing of the cause: it is in the log. */
function failed(error: unknown): Problem {
  noteFault('request failed', error);
  return new Problem('internal-error', 'The service failed. Try again; its log has the error of this request.');
}

/** The request of a caller who has the role that the operation needs. */
function requestOf(operation: Operation, event: Event): RawRequest {
  return {
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    body: () => bodyOf(event),
    caller: callerFor(operation, event),
  };
}

/** The authorizer of a route is that of its role: what another kind of authorizer would have verified is not looked at. */
function callerFor(operation: Operation, event: Event): RawRequest['caller'] {
  const { role } = ROUTES[operation];
  if (role === 'public') return undefined;
  if (role === 'operator') return operatorCalling(event);
  const caller = callerOf(event);
  requireRole(caller, role);
  return { ...caller, kind: 'user', needs: role };
}

function json({ status, body }: Reply): Answer {
  const headers = { 'content-type': 'application/json' };
  return uncached({ statusCode: status, headers, body: JSON.stringify(body) });
}

/** Answers tell of people's payments, and a link's without a token: nothing on their way may keep them. */
function uncached(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
}

function bodyOf({ body = '', isBase64Encoded }: Event): unknown {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > BODY_BYTES_MAX) {
    throw new Problem('body-too-large', `The body has ${bytes.length} bytes. At most ${BODY_BYTES_MAX} are taken.`);
  }
  try {
    return JSON.parse(bytes.toString(), whole);
  } catch {
    throw new Problem('body-not-json', 'The body is not JSON of whole characters.');
  }
}

/** Refuses half a surrogate pair: every half has the same UTF-8, so no hash, and thus no audit, tells one from another. */
function whole(_name: string, value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('half a character');
  return value;
}

/** A path that is there for another method says so, and for which. */
function nowhere(method: string, path: string): Problem {
  const others = Object.values(ROUTES).filter((each) => patternOf(each.path).test(path));
  if (others.length === 0)
    return new Problem('path-unknown', `There is nothing at ${path}. GET /openapi.json lists the paths.`);
  const allow = [...new Set(others.map((each) => each.method))].join(', ');
  return new Problem('method-unknown', `This path does not take ${method}. It takes ${allow}.`, { allow });
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}
