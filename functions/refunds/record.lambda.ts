import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { decodeConcluded, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { ConcludeContext } from '../../core/refunds/conclude-attempt.ts';
import { record } from '../../core/refunds/record.ts';
import { observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.record);
const dynamodb = new DynamoDBClient({});

const context: ConcludeContext = {
  ...recordsContext({ dynamodb, environment }),
  budgets: createBudgets({ client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime }),
};

/** Task of the refund workflow: see core/refunds/record.ts. */
export const handler = observed(async (state: unknown) => {
  const concluded = decodeConcluded(state);
  await record(concluded, context);
  return encodeState({ flagId: concluded.flagId, attempt: concluded.attempt, next: 'end' });
});
