import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createUsers } from '../../adapters/cognito/users.ts';
import { createApproverSums } from '../../adapters/dynamodb/approver-sums.ts';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { createStageFreezeOrders } from '../../adapters/dynamodb/stage-freezes.ts';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { createApprovalSigner, createApprovalVerifier } from '../../adapters/kms/approval-macs.ts';
import { createLinkKeys } from '../../adapters/secrets/link-keys.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { noteCapRaise, noteForged } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { recordsContext } from '../refunds/records-context.ts';
import { createApi } from './api.ts';
import { decideRoutes } from './decide-routes.ts';
import { edgeKeysOf } from './edge.ts';
import { API_ENVIRONMENT } from './environment.ts';
import type { DecideContext } from './route.ts';

const environment = readEnvironment(API_ENVIRONMENT.decide);

async function makeContext(): Promise<DecideContext> {
  const client = new DynamoDBClient({});
  const key = { client: new KMSClient({}), keyArn: environment.APPROVAL_KEY_ARN };
  return {
    ...recordsContext({ dynamodb: client, environment }),
    approvalMacs: { ...createApprovalSigner(key), ...createApprovalVerifier({ ...key, noteForged }) },
    approverSums: createApproverSums({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
    incidents: createIncidentStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    freezes: createStageFreezeOrders({
      client,
      table: environment.CONTROLS_TABLE,
      version1Windows: environment.VERSION_1_WINDOWS_TABLE,
      ...systemRuntime,
    }),
    raises: createCapRaises({ client, table: environment.CONTROLS_TABLE }),
    noteCapRaise,
    suspensions: createSuspensionStore({ client, table: environment.INCIDENTS_TABLE }),
    jobs: createJobStore({ client, table: environment.JOBS_TABLE }),
    linkKeys: createLinkKeys({
      client: new SecretsManagerClient({}),
      secretArn: environment.PAYER_LINK_SECRET_ARN,
      ...systemRuntime,
    }),
    users: createUsers({ client: new CognitoIdentityProviderClient({}), userPoolId: environment.USER_POOL_ID }),
  };
}

/** The acts of approvers, viewers and operators, each with its caller. Alone of the API it can make an approval. */
export const handler = createApi(decideRoutes, once(makeContext), edgeKeysOf(environment));
