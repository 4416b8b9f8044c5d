import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createQuarantineIndex } from '../../adapters/dynamodb/quarantine-index.ts';
import { createMemoryQuarantineIndex } from '../../adapters/memory/quarantine-index.ts';
import { START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { quarantineIndexSuite } from './quarantine-index.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

quarantineIndexSuite('in memory', async () => createMemoryQuarantineIndex());

quarantineIndexSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createQuarantineIndex({ dynamodb: client, table: await createTable(client, 'quarantine') });
});

it('takes up what older code wrote: a record that waits, and one that was put back', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'quarantine');
  const index = createQuarantineIndex({ dynamodb: client, table });
  const common = { reason: 'schema', detail: 'd', arrivedAt: '2024-11-10T16:00:00.000Z', bytes: 2, schemaVersion: 2 };
  const keys = { gsi1pk: 'schema#0', gsi1sk: common.arrivedAt };
  const redriven = { redrivenAt: '2024-11-10T17:00:00.000Z', redrivenBy: 'ann', redrivenDigest: 'd' };
  for (const item of [
    { pk: '00f1', objectKey: 'schema/00f1' },
    { pk: '00f2', objectKey: 'schema/00f2', ...redriven },
  ]) {
    await client.send(new PutItemCommand({ TableName: table, Item: marshall({ ...common, ...keys, ...item }) }));
  }
  const waiting: string[] = [];
  for await (const { id } of index.list({ statuses: ['waiting', 'sending'] })) waiting.push(id);
  expect(waiting).toEqual(['00f1']);
  expect([await index.beginSending('00f1'), await index.beginSending('00f2')]).toEqual([true, false]);
  expect(await index.read('00f1')).toMatchObject({ status: 'sending', history: [] });
  const again = { id: '00f2', reason: 'schema', detail: 'd', source: 's', arrivedMs: START_MS, byteCount: 2 } as const;
  await index.add({ ...again, expiresAtMs: START_MS + 1, objectKey: 'schema/00f2' });
  expect(await index.read('00f2')).toMatchObject({ status: 'waiting' });
  expect(await index.beginSending('00f2')).toBe(true);
});
