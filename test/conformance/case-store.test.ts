import { afterAll, beforeAll } from 'vitest';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createMemoryCaseStore } from '../../adapters/memory/case-store.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { caseStoreSuite } from './case-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

caseStoreSuite('in memory', async () => createMemoryCaseStore());

caseStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createCaseStore({ client, table: await createTable(client, 'cases') });
});
