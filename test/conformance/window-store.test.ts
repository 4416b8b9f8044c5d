import { afterAll, beforeAll } from 'vitest';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createMemoryWindowStore } from '../../adapters/memory/window-store.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { windowStoreSuite } from './window-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

windowStoreSuite('in memory', async () => createMemoryWindowStore());

windowStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'windows');
  return createWindowStore({ client, table, random: Math.random, sleep: async () => {} });
});
