import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { budgetsSuite } from './budgets.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

budgetsSuite('in memory', async () => createMemoryBudgets());

budgetsSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'controls');
  return createBudgets({ client, table, random: Math.random, sleep: (ms) => wait(ms) });
});
