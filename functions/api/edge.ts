import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createEdgeKeys } from '../../adapters/secrets/edge-keys.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { EdgeKeys } from '../../core/edge-keys.ts';
import { noteViewer } from './access-log.ts';
import { NO_EDGE } from './environment.ts';
import { EDGE_HEADER, isBehindEdge, ROUTES, VIEWER_HEADER } from './operations.ts';
import { Problem } from './problem.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

/** Routes of the gateway that have a way of their own. What the gateway finds no route for is behind the edge. */
const EXEMPT: ReadonlySet<string> = new Set(
  Object.values(ROUTES)
    .filter((endpoint) => !isBehindEdge(endpoint))
    .map(({ method, path }) => `${method} ${path}`),
);

/** Returns the keys of the stage's edge; undefined where nothing stands before the API, as in a local run. */
export function edgeKeysOf({ EDGE_SECRET_ARN }: { readonly EDGE_SECRET_ARN: string }): EdgeKeys | undefined {
  if (EDGE_SECRET_ARN === NO_EDGE) return undefined;
  return createEdgeKeys({ client: new SecretsManagerClient({}), secretArn: EDGE_SECRET_ARN, ...systemRuntime });
}

/** Refuses what did not come through CloudFront, where its firewall, its rates and its logs are. */
export function throughEdge(keys: EdgeKeys): MiddlewareObj<Event, APIGatewayProxyStructuredResultV2, Error> {
  return {
    before: async ({ event: { headers, routeKey }, internal }) => {
      if (EXEMPT.has(routeKey)) return;
      const value = headers?.[EDGE_HEADER];
      if (value !== undefined && (await keys.isEdgeKey(value))) {
        noteViewer(internal, headers?.[VIEWER_HEADER]);
        return;
      }
      throw new Problem(
        'direct-request',
        'The API is not reached at this address. Send the request to the console’s, below /api.',
      );
    },
  };
}
