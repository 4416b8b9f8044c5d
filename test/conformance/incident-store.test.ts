import { setTimeout as sleep } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FREEZE_KEY, freezeKeyOf } from '../../adapters/dynamodb/controls.ts';
import { createFreezeOrders } from '../../adapters/dynamodb/freeze-orders.ts';
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

describe('the freeze orders on DynamoDB', () => {
  it('are the newest for all and for each merchant asked for', async () => {
    const { client } = dynamodb;
    const table = await createTable(client, 'controls');
    const orders = createFreezeOrders({ client, table });
    expect(await orders.newestOrders(['m_1'])).toEqual([]);
    const put = (pk: string, frozen: boolean) => {
      const Item = marshall({ pk, frozen, by: 'ann', reason: 'a bad release', atMs: START_MS });
      return client.send(new PutItemCommand({ TableName: table, Item }));
    };
    await Promise.all([put(FREEZE_KEY, false), put(freezeKeyOf('m_1'), true), put(freezeKeyOf('m_2'), true)]);
    const what = { by: 'ann', reason: 'a bad release', atMs: START_MS };
    expect(await orders.newestOrders(['m_1', 'm_3'])).toEqual([
      { frozen: false, ...what },
      { frozen: true, merchant: 'm_1', ...what },
    ]);
  });
});
