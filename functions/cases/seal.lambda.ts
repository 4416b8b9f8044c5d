import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createSealStore } from '../../adapters/s3/seal-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type SealContext, type Sealed, seal } from '../../core/cases/seal.ts';
import { logger, observed } from '../observability.ts';
import { numberOf, readEnvironment } from '../read-environment.ts';
import { SEAL_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(SEAL_ENVIRONMENT);
const context: SealContext = {
  ...systemRuntime,
  // Without a key, so that whoever may read a seal can check it.
  digests: plainDigests,
  cases: createCaseStore({ client: new DynamoDBClient({}), table: environment.CASES_TABLE }),
  caseDays: numberOf(environment, 'CASE_DAYS'),
  seals: createSealStore({ s3: new S3Client({}), bucket: environment.SEAL_BUCKET }),
};

/** Every hour: seals the heads of all audit chains, if nobody has today. */
export const handler = observed(async (_event: unknown): Promise<Sealed> => {
  const sealed = await seal(context);
  logger.info('sealed', { ...sealed });
  return sealed;
});
