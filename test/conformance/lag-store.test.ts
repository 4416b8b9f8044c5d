import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { createMemoryLagStore } from '../../adapters/memory/lag-store.ts';
import type { LagStore } from '../../core/detection/reader-lag.ts';
import { SECOND, START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

async function emptyTable() {
  const { client } = dynamodb;
  const table = await createTable(client, 'charges');
  return { client, table, lag: createLagStore({ client, table }) };
}

describe.each<[string, () => Promise<LagStore>]>([
  ['in memory', async () => createMemoryLagStore()],
  ['on DynamoDB', async () => (await emptyTable()).lag],
])('the lag store %s', (_, create) => {
  it('knows no lag before one was reported', async () => {
    const lag = await create();
    expect(await lag.readLag()).toEqual(new Map());
  });

  it('notes a lag with its class and each smaller one, and leaves the larger ones', async () => {
    const lag = await create();
    await lag.reportLag({ classMs: 20 * SECOND, atMs: START_MS });
    await lag.reportLag({ classMs: 5 * SECOND, atMs: START_MS + SECOND });
    const known = [
      [5 * SECOND, START_MS + SECOND],
      [10 * SECOND, START_MS],
      [20 * SECOND, START_MS],
    ] as const;
    expect(await lag.readLag()).toEqual(new Map(known));
  });
});

it('rejects rather than take a report that it cannot read for a level reader', async () => {
  const { client, table, lag } = await emptyTable();
  await client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: 'lag#readers' }, c20: { N: '-1.5' } } }));
  await expect(lag.readLag()).rejects.toThrow('lag#readers cannot be read');
});
