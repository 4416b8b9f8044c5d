import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { createControls } from '../../adapters/dynamodb/controls.ts';
import { createMemoryControls } from '../../adapters/memory/controls.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { controlsSuite } from './controls.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

controlsSuite('in memory', async () => createMemoryControls());

controlsSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'controls');
  return createControls({ client, table, random: Math.random, sleep: (ms) => wait(ms) });
});
