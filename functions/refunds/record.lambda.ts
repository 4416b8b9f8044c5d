import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { decodeConcluded, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { ConcludeContext } from '../../core/refunds/conclude-attempt.ts';
import { record } from '../../core/refunds/record.ts';
import { observed } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { windowsContext } from './windows-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.record);

const context = once(async (): Promise<ConcludeContext> => {
  const dynamodb = new DynamoDBClient({});
  return {
    ...(await windowsContext({ dynamodb, secretsManager: new SecretsManagerClient({}), environment })),
    budgets: createBudgets({ client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime }),
  };
});

/** Task of the refund workflow: see core/refunds/record.ts. */
export const handler = observed(async (state: unknown) => {
  const concluded = decodeConcluded(state);
  await record(concluded, await context());
  return encodeState({ flagId: concluded.flagId, attempt: concluded.attempt, next: 'end' });
});
