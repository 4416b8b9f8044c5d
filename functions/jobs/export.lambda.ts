import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { CASE_LINES } from '../../adapters/s3/case-lines.ts';
import { createExportFiles } from '../../adapters/s3/export-files.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { exportSlice } from '../../core/jobs/export-cases.ts';
import { readEnvironment } from '../read-environment.ts';
import { EXPORT_ENVIRONMENT } from './environment.ts';
import { jobHandler } from './job-handler.ts';

const environment = readEnvironment(EXPORT_ENVIRONMENT);
const client = new DynamoDBClient({});

/** Writes exports. It reads cases and changes none. */
export const handler = jobHandler({
  client,
  environment,
  slice: exportSlice({
    ...systemRuntime,
    digests: plainDigests,
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
    files: createExportFiles({ client: new S3Client({}), bucket: environment.EXPORTS_BUCKET }),
    lines: CASE_LINES,
  }),
});
