import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { createAttestedSince } from '../../adapters/dynamodb/attested-since.ts';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { createClaimStore } from '../../adapters/dynamodb/claim-store.ts';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { createStageFreezes } from '../../adapters/dynamodb/stage-freezes.ts';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { createApprovalVerifier } from '../../adapters/kms/approval-macs.ts';
import { decodeAttempt, encodeState } from '../../adapters/stepfunctions/workflow-states.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type ClaimContext, claim } from '../../core/refunds/claim.ts';
import { noteForged, observed } from '../observability.ts';
import { numberOf, readEnvironment } from '../read-environment.ts';
import { TASK_ENVIRONMENT } from './environment.ts';
import { recordsContext } from './records-context.ts';

const environment = readEnvironment(TASK_ENVIRONMENT.claim);
const dynamodb = new DynamoDBClient({});
const controls = { client: dynamodb, table: environment.CONTROLS_TABLE, ...systemRuntime };

const context: ClaimContext = {
  ...recordsContext({ dynamodb, environment }),
  approvalMacs: createApprovalVerifier({
    client: new KMSClient({}),
    keyArn: environment.APPROVAL_KEY_ARN,
    noteForged,
  }),
  claims: createClaimStore({
    client: dynamodb,
    charges: environment.CHARGES_TABLE,
    reservations: environment.RESERVATIONS_TABLE,
    reservationDays: numberOf(environment, 'RESERVATION_DAYS'),
  }),
  attestedSince: createAttestedSince({ client: dynamodb, table: environment.CHARGES_TABLE }),
  budgets: createBudgets(controls),
  raises: createCapRaises(controls),
  lag: createLagStore({ client: dynamodb, table: environment.CHARGES_TABLE }),
  freezes: createStageFreezes({ ...controls, version1Windows: environment.VERSION_1_WINDOWS_TABLE }),
  suspensions: createSuspensionStore({ client: dynamodb, table: environment.INCIDENTS_TABLE }),
};

/** Task of the refund workflow: see core/refunds/claim.ts. */
export const handler = observed(async (state: unknown) => encodeState(await claim(decodeAttempt(state), context)));
