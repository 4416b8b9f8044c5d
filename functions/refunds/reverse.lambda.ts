import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createOutflows } from '../../adapters/dynamodb/outflows.ts';
import { createReservationReader } from '../../adapters/dynamodb/reservation-reader.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { createConfiguredGateways } from '../../adapters/gateways/configured-gateways.ts';
import { createApprovalVerifier } from '../../adapters/kms/approval-macs.ts';
import { decodeAsked, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type ReverseContext, reverse } from '../../core/refunds/reverse.ts';
import { logger, metrics, noteForged, observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.reverse);
const dynamodb = new DynamoDBClient({});
const controls = { client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime };
const shared = recordsContext({ dynamodb, environment });

const context: ReverseContext = {
  ...shared,
  approvalMacs: createApprovalVerifier({
    client: new KMSClient({}),
    keyArn: environment.APPROVAL_KEY_ARN,
    noteForged,
  }),
  budgets: createBudgets(controls),
  raises: createCapRaises(controls),
  freezes: createStageFreezes({ ...controls, version1Windows: environment.VERSION_1_WINDOWS_TABLE }),
  outflows: createOutflows(controls),
  noteBeyondCap: (refund) => {
    logger.error('the hourly cap stops a refund before its call', { ...refund });
    metrics.addMetric('refundsBeyondCap', MetricUnit.Count, 1);
  },
  reservations: createReservationReader({ client: dynamodb, table: environment.RESERVATIONS_TABLE }),
  gatewayOf: createConfiguredGateways({
    sources: shared.configuration.sources,
    dynamodb,
    sandboxTable: environment.SANDBOX_TABLE,
    secretsManager: new SecretsManagerClient({}),
    report: (fault) => logger.error('the gateway needs an operator', { ...fault }),
    ...systemRuntime,
  }),
};

/** Task of the refund workflow: see core/refunds/reverse.ts. */
export const handler = observed(async (state: unknown) => encodeState(await reverse(decodeAsked(state), context)));
