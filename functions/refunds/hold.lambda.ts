import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { decodeHeld } from '../../adapters/stepfunctions/workflow-states.ts';
import { wake } from '../../adapters/stepfunctions/workflows.ts';
import { type HoldContext, hold } from '../../core/refunds/hold.ts';
import { observed } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { windowsContext } from './windows-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.hold);
const stepFunctions = new SFNClient({});

const context = once(async (): Promise<HoldContext> => {
  const clients = { dynamodb: new DynamoDBClient({}), secretsManager: new SecretsManagerClient({}) };
  return { ...(await windowsContext({ ...clients, environment })), wake: (token) => wake(stepFunctions, token) };
});

/** Task of the refund workflow that waits with a token: see core/refunds/hold.ts. */
export const handler = observed(async (state: unknown) => {
  await hold(decodeHeld(state), await context());
  return {};
});
