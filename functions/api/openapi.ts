import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import { bug } from '../../core/fault.ts';
import type { ProblemCode } from '../../core/queries/problem-code.ts';
import { named } from '../../core/queries/view-schema.ts';
import { doorOf, isBehindEdge, type Operation, ROUTES } from './operations.ts';
import { PROBLEMS, problemSchema } from './problem.ts';
import type { Route } from './route.ts';

/** What API Gateway itself says, before the API is asked: it knows no problem details. */
const gatewayMessage = z.looseObject({ message: z.string() }).register(named, { id: 'GatewayMessage' });

/** The API as OpenAPI 3.1 tells it, from the same schemas by which requests are parsed and answers typed. */
export function openApi(routes: { readonly [operation in Operation]: Route }) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of Object.keys(ROUTES) as Operation[]) {
    const { method, path } = ROUTES[operation];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operation, routes[operation]) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Onecharge compliance API',
      version: '1',
      description:
        'What compliance may see of duplicate charges and their refunds, and what people may decide. Times are ISO 8601 ' +
        'in UTC, money is in minor units of the currency beside it, errors are problem details (RFC 9457). A page may be ' +
        'shorter than its limit, and even empty, while it has a cursor: read on until there is none.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token of the user pool' },
        signature: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          description: 'Signature Version 4 of an AWS identity that may call the route, for the service execute-api',
        },
      },
    },
  };
}

function operationOf(operationId: Operation, route: Route) {
  const { role } = ROUTES[operationId];
  const parameters = [...parametersOf('path', route.path), ...parametersOf('query', route.query)];
  return {
    operationId,
    summary: route.summary,
    security: securityOf(role),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: inputOf(route.body) } } },
    }),
    responses: responsesOf(operationId, route),
  };
}

function securityOf(role: (typeof ROUTES)[Operation]['role']) {
  if (role === 'public') return [];
  return role === 'operator' ? [{ signature: [] }] : [{ token: [role] }];
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject) {
  const { properties = {}, required = [] } = inputOf(schema);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }));
}

function responsesOf(operationId: Operation, route: Route) {
  const answers = Object.entries(route.answers).map(([status, schema]) =>
    response(Number(status), STATUS_CODES[status] ?? '', ['application/json', schema]),
  );
  const problems = Map.groupBy(problemsOf(operationId, route), (code) => PROBLEMS[code].status);
  const refusals = [...problems].map(([status, codes]) =>
    response(status, codes.map(described).join('; '), ['application/problem+json', problemSchema]),
  );
  const ofGateway = Object.entries(gatewayAnswers(operationId)).map(([status, when]) =>
    response(Number(status), when, ['application/json', gatewayMessage]),
  );
  const byStatus = Map.groupBy([...answers, ...refusals, ...ofGateway], ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, alike]) => [
      status,
      {
        description: alike.map(({ description }) => description).join('; '),
        content: Object.fromEntries(alike.map(({ content }) => content)),
      },
    ]),
  );
}

function gatewayAnswers(operationId: Operation): { readonly [status: number]: string } {
  const { role } = ROUTES[operationId];
  return {
    ...(role === 'operator' && {
      403: 'no signature, one that is not valid, or an identity that may not call the route',
    }),
    ...(role !== 'operator' && role !== 'public' && { 401: 'no token, or one that is not valid' }),
    429: 'more requests than the stage allows',
  };
}

/** Every problem that an operation may answer with. */
export function problemsOf(operationId: Operation, { path, body, problems }: Route): readonly ProblemCode[] {
  const { role } = ROUTES[operationId];
  const isUsers = role !== 'public' && role !== 'operator';
  const isDecide = doorOf(ROUTES[operationId]) === 'decide';
  return [
    ...(isBehindEdge({ role }) ? (['direct-request'] as const) : []),
    'input-invalid',
    ...(role === 'public' ? [] : (['subject-missing'] as const)),
    ...(isUsers ? (['role-needed'] as const) : []),
    ...(isUsers && isDecide ? (['role-unknown'] as const) : []),
    ...(Object.keys(path.shape).length > 0 ? (['id-malformed'] as const) : []),
    ...(body === undefined ? [] : (['body-not-json', 'body-too-large'] as const)),
    'internal-error',
    ...problems,
  ];
}

function described(code: ProblemCode): string {
  return `${code}: ${PROBLEMS[code].when}`;
}

function response(status: number, description: string, [contentType, schema]: readonly [string, z.ZodType]) {
  const id = named.get(schema)?.id;
  if (id === undefined) throw bug(`the schema of "${description}" has no name`);
  return { status, description, content: [contentType, { schema: { $ref: refOf(id) } }] as const };
}

function namedSchemas() {
  const { schemas } = z.toJSONSchema(named, { uri: refOf, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

function refOf(id: string): string {
  return `#/components/schemas/${id}`;
}

/** As the caller writes it: before defaults and transformations. */
function inputOf(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
