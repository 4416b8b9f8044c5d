import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createLinkKeys } from '../../adapters/secrets/link-keys.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { recordsContext } from '../refunds/records-context.ts';
import { createApi } from './api.ts';
import { edgeKeysOf } from './edge.ts';
import { API_ENVIRONMENT } from './environment.ts';
import { publicRoutes } from './public-routes.ts';
import type { PublicContext } from './route.ts';

const environment = readEnvironment(API_ENVIRONMENT.public);

async function makeContext(): Promise<PublicContext> {
  return {
    ...recordsContext({ dynamodb: new DynamoDBClient({}), environment }),
    linkKeys: createLinkKeys({
      client: new SecretsManagerClient({}),
      secretArn: environment.PAYER_LINK_SECRET_ARN,
      ...systemRuntime,
    }),
  };
}

/** Answers without a token: what a payer's link opens, and the description of the API. */
export const handler = createApi(publicRoutes, once(makeContext), edgeKeysOf(environment));
