import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { createConfiguredGateways } from '../../adapters/gateways/configured-gateways.ts';
import { decodeAsked, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type ReverseContext, reverse } from '../../core/refunds/reverse.ts';
import { logger, observed } from '../observability.ts';
import { once } from '../once.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { windowsContext } from './windows-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.reverse);

const context = once(async (): Promise<ReverseContext> => {
  const dynamodb = new DynamoDBClient({});
  const secretsManager = new SecretsManagerClient({});
  const controls = { client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime };
  const shared = await windowsContext({ dynamodb, secretsManager, environment });
  return {
    ...shared,
    budgets: createBudgets(controls),
    freezes: createFreezeStore(controls),
    gatewayOf: createConfiguredGateways({
      sources: shared.configuration.sources,
      dynamodb,
      sandboxTable: environment.SANDBOX_TABLE,
      secretsManager,
      report: (fault) => logger.error('the gateway needs an operator', { ...fault }),
      ...systemRuntime,
    }),
  };
});

/** Task of the refund workflow: see core/refunds/reverse.ts. */
export const handler = observed(async (state: unknown) =>
  encodeState(await reverse(decodeAsked(state), await context())),
);
