import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type ClaimContext, claim } from '../../core/refunds/claim.ts';
import { observed } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { windowsContext } from './windows-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.claim);

const context = once(async (): Promise<ClaimContext> => {
  const dynamodb = new DynamoDBClient({});
  const controls = { client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime };
  return {
    ...(await windowsContext({ dynamodb, secretsManager: new SecretsManagerClient({}), environment })),
    budgets: createBudgets(controls),
    freezes: createFreezeStore(controls),
  };
});

/** Task of the refund workflow: see core/refunds/claim.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await claim(decodeAttempt(state), await context())),
);
