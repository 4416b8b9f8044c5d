import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createApproverSums } from '../../adapters/dynamodb/approver-sums.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createApprovalSigner, createApprovalVerifier } from '../../adapters/kms/approval-macs.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { approvalSlice } from '../../core/jobs/bulk-approval.ts';
import { noteForged } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { APPROVE_ENVIRONMENT } from './environment.ts';
import { jobHandler } from './job-handler.ts';

const environment = readEnvironment(APPROVE_ENVIRONMENT);
const client = new DynamoDBClient({});
const key = { client: new KMSClient({}), keyArn: environment.APPROVAL_KEY_ARN };

/** Approves the refunds of an incident in an approver's name, on the order that `decide` has made. */
export const handler = jobHandler({
  client,
  environment,
  slice: approvalSlice({
    ...systemRuntime,
    ...readConfiguration(),
    digests: plainDigests,
    approvalMacs: { ...createApprovalSigner(key), ...createApprovalVerifier({ ...key, noteForged }) },
    approverSums: createApproverSums({ client, table: environment.CONTROLS_TABLE, ...systemRuntime }),
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
    incidents: createIncidentStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
  }),
});
