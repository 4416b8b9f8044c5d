import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFreezeStore } from '../../adapters/dynamodb/freeze-store.ts';
import { createMemoryFreezeStore } from '../../adapters/memory/freeze-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { freezeOrder, freezeStoreSuite, thawed } from './freeze-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

freezeStoreSuite('in memory', async () => createMemoryFreezeStore());

freezeStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createFreezeStore({ client, table: await createTable(client, 'controls'), ...systemRuntime });
});

async function emptyTable() {
  const { client } = dynamodb;
  const table = await createTable(client, 'controls');
  return { client, table, freezes: createFreezeStore({ client, table, ...systemRuntime }) };
}

describe('the freeze store on DynamoDB', () => {
  it('keeps each act that changed something, beside the standing order', async () => {
    const { client, table, freezes } = await emptyTable();
    const frozen = freezeOrder({ merchant: 'm_1' });
    for (const order of [frozen, { ...frozen, by: 'cid' }]) await freezes.issue(order);
    const after = await thawed(freezes, frozen);
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    const acts = Items.map((item) => unmarshall(item)).filter(({ pk }) => String(pk).startsWith('freeze-act#'));
    expect(acts.sort((a, b) => (String(a.pk) < String(b.pk) ? -1 : 1))).toMatchObject([frozen, after]);
  });

  const stored: readonly Record<string, AttributeValue>[] = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'fixtures', 'version-1', 'freezes.json'), 'utf8'),
  );

  it('reads the orders that version 1 stored, and replaces them', async () => {
    const { client, table, freezes } = await emptyTable();
    for (const Item of stored) await client.send(new PutItemCommand({ TableName: table, Item }));
    const [ofAll, ofMerchant] = [
      { frozen: false, by: 'ann', reason: 'rolled back', atMs: 1731254400000 },
      { frozen: true, merchant: 'm_1', by: 'ben', reason: 'a bad release', atMs: 1731254460000 },
    ];
    expect(await freezes.newestOrders(['m_1'])).toEqual([ofAll, ofMerchant]);
    expect([await freezes.isFrozen('m_1'), await freezes.isFrozen('m_2')]).toEqual([true, false]);
    const later = freezeOrder({ atMs: 1731254520000 });
    expect(await freezes.issue({ ...later, merchant: 'm_1' })).toEqual({ kind: 'already', standing: ofMerchant });
    expect(await freezes.issue(later)).toEqual({ kind: 'changed', standing: later });
    expect(await freezes.newestOrders([])).toEqual([later]);
  });

  it('rejects rather than take an order that it cannot read for a thaw', async () => {
    const { client, table, freezes } = await emptyTable();
    const Item = { pk: { S: 'freeze' }, frozen: { S: 'true' } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    await expect(freezes.isFrozen('m_1')).rejects.toThrow('freeze order freeze cannot be read: frozen: invalid_type');
  });
});
