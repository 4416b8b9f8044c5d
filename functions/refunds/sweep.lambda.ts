import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { readFingerprintKey } from '../../adapters/secrets/fingerprint-key.ts';
import { createWorkflows } from '../../adapters/stepfunctions/workflows.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { createPace, paced } from '../../core/refunds/pace.ts';
import { type SweepContext, type Swept, sweep } from '../../core/refunds/sweep.ts';
import { logger, observed } from '../observability.ts';
import { once } from '../once.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { SWEEP_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(SWEEP_ENVIRONMENT);
const { configuration } = readConfiguration();

const pace = createPace({ perSecond: Number(environment.STARTS_PER_SECOND), ...systemRuntime });

const context = once(async (): Promise<SweepContext> => {
  const client = new DynamoDBClient({});
  return {
    ...systemRuntime,
    configuration,
    digests: createDigests(await readFingerprintKey(new SecretsManagerClient({}), environment.FINGERPRINT_SECRET_ARN)),
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
    freezes: createFreezeStore({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
    workflows: paced(
      createWorkflows({ client: new SFNClient({}), stateMachineArn: environment.REFUND_STATE_MACHINE_ARN }),
      pace,
    ),
  };
});

/** Every five minutes: starts and wakes what the stream did not, and lets go on what a freeze or a budget held. */
export const handler = observed(async (_event: unknown): Promise<Swept> => {
  const swept = await sweep(await context());
  logger.info('swept', { ...swept });
  return swept;
});
