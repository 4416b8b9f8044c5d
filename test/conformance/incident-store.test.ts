import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createMemoryIncidentStore } from '../../adapters/memory/incident-store.ts';
import { START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { incidentStoreSuite } from './incident-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

incidentStoreSuite('in memory', async () => createMemoryIncidentStore());

incidentStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'incidents');
  return createIncidentStore({ client, table, nowMs: () => START_MS, random: Math.random, sleep: (ms) => sleep(ms) });
});
