import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type AssessContext, assess } from '../../core/refunds/assess.ts';
import { observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.assess);
const dynamodb = new DynamoDBClient({});

const context: AssessContext = {
  ...recordsContext({ dynamodb, environment }),
  freezes: createFreezeStore({ client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime }),
};

/** Task of the refund workflow: see core/refunds/assess.ts. */
export const handler = observed(async (state: unknown) => encodeState(await assess(decodeAttempt(state), context)));
