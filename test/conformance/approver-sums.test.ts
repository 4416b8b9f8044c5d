import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { createApproverSums } from '../../adapters/dynamodb/approver-sums.ts';
import { createMemoryApproverSums } from '../../adapters/memory/approver-sums.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { approverSumsSuite } from './approver-sums.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

approverSumsSuite('in memory', async () => createMemoryApproverSums());

approverSumsSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'controls');
  return createApproverSums({ client, table, random: Math.random, sleep: (ms) => wait(ms) });
});
