import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { createConfiguredGateways } from '../../adapters/gateways/configured-gateways.ts';
import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type AssessContext, assess } from '../../core/refunds/assess.ts';
import { logger, observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.assess);
const dynamodb = new DynamoDBClient({});
const controls = { client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime };
const shared = recordsContext({ dynamodb, environment });

const context: AssessContext = {
  ...shared,
  budgets: createBudgets(controls),
  lag: createLagStore({ client: dynamodb, table: environment.CHARGES_TABLE }),
  freezes: createStageFreezes({ ...controls, version1Windows: environment.VERSION_1_WINDOWS_TABLE }),
  suspensions: createSuspensionStore({ client: dynamodb, table: environment.INCIDENTS_TABLE }),
  gatewayOf: createConfiguredGateways({
    sources: shared.configuration.sources,
    dynamodb,
    sandboxTable: environment.SANDBOX_TABLE,
    secretsManager: new SecretsManagerClient({}),
    report: (fault) => logger.error('the gateway needs an operator', { ...fault }),
    ...systemRuntime,
  }),
};

/** Task of the refund workflow: see core/refunds/assess.ts. */
export const handler = observed(async (state: unknown) => encodeState(await assess(decodeAttempt(state), context)));
