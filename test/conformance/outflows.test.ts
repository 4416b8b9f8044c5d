import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { createOutflows } from '../../adapters/dynamodb/outflows.ts';
import { createMemoryOutflows } from '../../adapters/memory/outflows.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { outflowsSuite } from './outflows.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

outflowsSuite('in memory', async () => createMemoryOutflows());

outflowsSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'controls');
  return createOutflows({ client, table, random: Math.random, sleep: (ms) => wait(ms) });
});
