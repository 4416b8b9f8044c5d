import { afterAll, beforeAll } from 'vitest';
import { createRefusalStore } from '../../adapters/dynamodb/refusal-store.ts';
import { createMemoryRefusalStore } from '../../adapters/memory/refusal-store.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { refusalStoreSuite } from './refusal-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

refusalStoreSuite('in memory', async (settings) => createMemoryRefusalStore(settings));

refusalStoreSuite('on DynamoDB', async (settings) => {
  const { client } = dynamodb;
  return createRefusalStore({ client, table: await createTable(client, 'incidents'), ...settings });
});
