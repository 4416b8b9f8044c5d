import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { logger } from '../observability.ts';
import { signerOf } from './caller.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type Answer = APIGatewayProxyStructuredResultV2;

/**
 * Ids of cases, flags, jobs and raises; of an incident the moment, for the rest names its merchant. All else in a path may be
 * a token of a payer, or a link.
 */
const ID = /^(?:(?:[A-Z]{3}-)?[0-9a-f]{32}$|\d{8}T\d{9}Z)/;
const NAME = /^[a-zA-Z]{1,20}$/;
const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/;
/** Where the middlewares of one request keep the address of its sender. */
const VIEWER = 'viewer';
/** The most parameters that a route takes. */
const NAMES_MAX = 20;

interface Logged {
  readonly event: Event;
  readonly response: Answer | null | undefined;
  readonly internal: { [name: string]: unknown };
}

/**
 * Logs who asked for what, from where, and how it was answered: one line for each request, answered or refused. Names of
 * parameters are logged and no value of one, no body and no link: they hold tokens.
 */
export function accessLog(): MiddlewareObj<Event, Answer, Error> {
  const log = ({ event, response, internal }: Logged) => {
    const { requestContext, routeKey, pathParameters, queryStringParameters } = event;
    const [id] = ID.exec(pathParameters?.id ?? '') ?? [];
    const names = Object.keys(queryStringParameters ?? {}).filter((name) => NAME.test(name));
    logger.info('access', {
      route: routeKey,
      ...(id !== undefined && { id }),
      ...(names.length > 0 && { query: names.slice(0, NAMES_MAX) }),
      subject: requestContext.authorizer?.jwt?.claims?.sub ?? signerOf(event) ?? 'none',
      from: internal[VIEWER] ?? requestContext.http.sourceIp,
      status: response?.statusCode,
      code: codeOf(response),
    });
  };
  return { after: log, onError: log };
}

/** Notes the address of a request's sender, as CloudFront states it: without it the log has CloudFront's own. */
export function noteViewer(internal: Logged['internal'], address: string | undefined): void {
  if (address !== undefined && ADDRESS.test(address)) internal[VIEWER] = address;
}

/** The code of the problem that was answered. */
function codeOf(answer: Answer | null | undefined): string | undefined {
  if (answer?.headers?.['content-type'] !== 'application/problem+json') return undefined;
  const { code }: { readonly code?: string } = JSON.parse(answer.body ?? '{}');
  return code;
}
