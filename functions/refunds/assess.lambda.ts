import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type AssessContext, assess } from '../../core/refunds/assess.ts';
import { observed } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.assess);
const client = new DynamoDBClient({});

const context: AssessContext = {
  ...systemRuntime,
  configuration: readConfiguration().configuration,
  cases: createCaseStore({ client, table: environment.CASES_TABLE }),
  windows: createWindowStore({ client, table: environment.WINDOWS_TABLE, ...systemRuntime }),
  freezes: createFreezeStore({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
};

/** Task of the refund workflow: see core/refunds/assess.ts. */
export const handler = observed(async (state: unknown) => encodeState(await assess(decodeAttempt(state), context)));
