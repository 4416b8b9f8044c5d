import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import httpRouter, { type Route } from '@middy/http-router';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { world } from '../../adapters/clock.ts';
import { createDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { readFingerprintKey } from '../../adapters/fingerprint-key.ts';
import { verifyChain } from '../../core/cases/audit.ts';
import { caseView, flagView, timelineEntry } from '../../core/queries/views.ts';
import { approve, type DecisionOutcome, keep } from '../../core/refunds/decide-hold.ts';
import type { WindowsContext } from '../../core/refunds/refund-context.ts';
import { readConfiguration } from '../configuration.ts';
import { readEnvironment } from '../environment.ts';
import { logger, metrics } from '../observed.ts';
import { once } from '../once.ts';
import { callerOf, demand } from './caller.ts';
import { QUERY_ENVIRONMENT } from './config.ts';
import { json, Problem, problemDetails } from './problem.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;
type Answer = APIGatewayProxyStructuredResultV2;

const environment = readEnvironment(QUERY_ENVIRONMENT);
const { configuration, configurationHash } = readConfiguration();

const context = once(async (): Promise<WindowsContext> => {
  const client = new DynamoDBClient({});
  const key = await readFingerprintKey(new SecretsManagerClient({}), environment.FINGERPRINT_SECRET_ARN);
  return {
    ...world,
    configuration,
    configurationHash,
    digests: createDigests(key),
    windows: createWindowStore({ client, table: environment.WINDOWS_TABLE, ...world }),
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
  };
});

const listQuery = z.object({
  status: z.enum(['open', 'resolved']).default('open'),
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(200).optional(),
});
const decisionBody = z.object({ reason: z.string().trim().min(1).max(1_000) });

async function listCases(event: Event): Promise<Answer> {
  demand(callerOf(event), 'viewer');
  const { status, limit, cursor } = parsed(listQuery, event.queryStringParameters ?? {});
  const { cases } = await context();
  const page = await cases.casesByStatus(status, { limit, ...(cursor !== undefined && { cursor }) });
  return json(200, { cases: page.items.map(caseView), ...(page.cursor !== undefined && { cursor: page.cursor }) });
}

async function readCase(event: Event): Promise<Answer> {
  demand(callerOf(event), 'viewer');
  const { cases, digests } = await context();
  const id = pathId(event);
  const found = await cases.readCase(id);
  if (found === undefined) throw new Problem(404, 'Not Found', `there is no case ${id}`);
  const [flags, audit] = await Promise.all([cases.flagsOf(id), cases.auditOf(id)]);
  const timeline = audit.map(timelineEntry);
  return json(200, { ...caseView(found), flags: flags.map(flagView), timeline, audit: verifyChain(audit, digests) });
}

async function readFlag(event: Event): Promise<Answer> {
  demand(callerOf(event), 'viewer');
  const id = pathId(event);
  const [flag] = await (await context()).cases.readFlags([id]);
  if (flag === undefined) throw new Problem(404, 'Not Found', `there is no flag ${id}`);
  return json(200, flagView(flag));
}

async function decide(event: Event, act: typeof approve): Promise<Answer> {
  const caller = callerOf(event);
  demand(caller, 'approver');
  const { reason } = parsed(decisionBody, bodyOf(event));
  return answerOf(await act({ flagId: pathId(event), by: caller.subject, reason }, await context()));
}

function answerOf(outcome: DecisionOutcome): Answer {
  switch (outcome.kind) {
    case 'done':
      return json(200, flagView(outcome.flag));
    case 'needs-another':
      return json(202, flagView(outcome.flag));
    case 'refused':
      if (outcome.why === 'unknown-flag') throw new Problem(404, 'Not Found', 'there is no such flag');
      if (outcome.why === 'not-held') throw new Problem(409, 'Conflict', 'the flag does not wait for an approval');
      throw new Problem(409, 'Conflict', 'too late: a refund of the charge is running or done');
  }
}

function pathId(event: Event): string {
  const id = event.pathParameters?.id ?? '';
  if (!/^[0-9a-f]{32}$/.test(id)) throw new Problem(404, 'Not Found', 'an id is 32 hexadecimal digits');
  return id;
}

function bodyOf(event: Event): unknown {
  try {
    const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString() : event.body;
    return JSON.parse(text ?? '{}');
  } catch {
    throw new Problem(400, 'Bad Request', 'the body is not JSON');
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new Problem(400, 'Bad Request', problems.join('; '));
}

const routes: Route<Event, Answer>[] = [
  { method: 'GET', path: '/cases', handler: listCases },
  { method: 'GET', path: '/cases/{id}', handler: readCase },
  { method: 'GET', path: '/flags/{id}', handler: readFlag },
  { method: 'POST', path: '/flags/{id}/approve', handler: (event: Event) => decide(event, approve) },
  { method: 'POST', path: '/flags/{id}/keep', handler: (event: Event) => decide(event, keep) },
];

/** The compliance API. The authorizer has checked the token; the role is checked here, in every route. */
export const handler = middy<Event, Answer>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .onError((request) => {
    const { error } = request;
    if (error instanceof Problem) request.response = problemDetails(error);
    else {
      logger.error('request failed', { error });
      request.response = problemDetails(new Problem(500, 'Internal Server Error', 'see the log of this request'));
    }
  })
  .handler(httpRouter(routes));
