import { afterAll, beforeAll } from 'vitest';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { createMemoryJobStore } from '../../adapters/memory/job-store.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { jobStoreSuite } from './job-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

jobStoreSuite('in memory', async () => createMemoryJobStore());

jobStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createJobStore({ client, table: await createTable(client, 'jobs') });
});
