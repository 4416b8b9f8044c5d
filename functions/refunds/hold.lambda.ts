import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { decodeHeld } from '../../adapters/stepfunctions/workflow-states.ts';
import { wake } from '../../adapters/stepfunctions/workflows.ts';
import { type HoldContext, hold } from '../../core/refunds/hold.ts';
import { observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.hold);
const stepFunctions = new SFNClient({});
const dynamodb = new DynamoDBClient({});

const context: HoldContext = {
  ...recordsContext({ dynamodb, environment }),
  suspensions: createSuspensionStore({ client: dynamodb, table: environment.INCIDENTS_TABLE }),
  wake: (token) => wake(stepFunctions, token),
};

/** Task of the refund workflow that waits with a token: see core/refunds/hold.ts. */
export const handler = observed(async (state: unknown) => {
  await hold(decodeHeld(state), context);
  return {};
});
