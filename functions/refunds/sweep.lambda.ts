import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type SweepContext, type Swept, sweep } from '../../core/refunds/sweep.ts';
import { logger, observed } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { SWEEP_ENVIRONMENT } from './environment.ts';
import { pacedWorkflows } from './paced-workflows.ts';

const environment = readEnvironment(SWEEP_ENVIRONMENT);
const client = new DynamoDBClient({});

const context: SweepContext = {
  ...systemRuntime,
  configuration: readConfiguration().configuration,
  digests: plainDigests,
  cases: createCaseStore({ client, table: environment.CASES_TABLE }),
  lag: createLagStore({ client, table: environment.CHARGES_TABLE }),
  freezes: createFreezeStore({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
  workflows: pacedWorkflows(environment),
};

/** Every five minutes: starts and wakes what the stream did not, and lets go on what a freeze, a lag or a budget held. */
export const handler = observed(async (_event: unknown): Promise<Swept> => {
  const swept = await sweep(context);
  logger.info('swept', { ...swept });
  return swept;
});
