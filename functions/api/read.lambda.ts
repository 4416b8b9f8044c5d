import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { createExportLinks } from '../../adapters/s3/export-links.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { once } from '../once.ts';
import { numberOf, readEnvironment } from '../read-environment.ts';
import { recordsContext } from '../refunds/records-context.ts';
import { createApi } from './api.ts';
import { edgeKeysOf } from './edge.ts';
import { API_ENVIRONMENT } from './environment.ts';
import { readRoutes } from './read-routes.ts';
import type { ReadContext } from './route.ts';

const environment = readEnvironment(API_ENVIRONMENT.read);

async function makeContext(): Promise<ReadContext> {
  const client = new DynamoDBClient({});
  return {
    ...recordsContext({ dynamodb: client, environment }),
    incidents: createIncidentStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    statistics: createStatisticsStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    freezes: createStageFreezes({
      client,
      table: environment.CONTROLS_TABLE,
      version1Windows: environment.VERSION_1_WINDOWS_TABLE,
      ...systemRuntime,
    }),
    raises: createCapRaises({ client, table: environment.CONTROLS_TABLE }),
    jobs: createJobStore({ client, table: environment.JOBS_TABLE }),
    exportDays: numberOf(environment, 'EXPORT_DAYS'),
    linkToExport: createExportLinks({ client: new S3Client({}), bucket: environment.EXPORTS_BUCKET, ...systemRuntime }),
  };
}

/** What compliance may see. Its role writes nothing. */
export const handler = createApi(readRoutes, once(makeContext), edgeKeysOf(environment));
