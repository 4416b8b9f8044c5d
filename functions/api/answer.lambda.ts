import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { createStageFreezeOrders } from '../../adapters/dynamodb/stage-freezes.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { createExportLinks } from '../../adapters/s3/export-links.ts';
import { createLinkKeys } from '../../adapters/secrets/link-keys.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { noteCapRaise } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { recordsContext } from '../refunds/records-context.ts';
import { createApi } from './api.ts';
import { API_ENVIRONMENT } from './environment.ts';
import type { ApiContext } from './route.ts';

const environment = readEnvironment(API_ENVIRONMENT);

async function makeContext(): Promise<ApiContext> {
  const client = new DynamoDBClient({});
  const secretsManager = new SecretsManagerClient({});
  return {
    ...recordsContext({ dynamodb: client, environment }),
    incidents: createIncidentStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    statistics: createStatisticsStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    freezes: createStageFreezeOrders({
      client,
      table: environment.CONTROLS_TABLE,
      version1Windows: environment.VERSION_1_WINDOWS_TABLE,
      ...systemRuntime,
    }),
    raises: createCapRaises({ client, table: environment.CONTROLS_TABLE }),
    noteCapRaise,
    jobs: createJobStore({ client, table: environment.JOBS_TABLE }),
    linkKeys: createLinkKeys({
      client: secretsManager,
      secretArn: environment.PAYER_LINK_SECRET_ARN,
      ...systemRuntime,
    }),
    linkToExport: createExportLinks({ client: new S3Client({}), bucket: environment.EXPORTS_BUCKET, ...systemRuntime }),
  };
}

/** The compliance API: what people may see, and the decisions that are theirs. */
export const handler = createApi(once(makeContext));
