import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { createMemorySuspensionStore } from '../../adapters/memory/suspension-store.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';
import { suspensionStoreSuite } from './suspension-store.suite.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

suspensionStoreSuite('in memory', async () => createMemorySuspensionStore());

suspensionStoreSuite('on DynamoDB', async () => {
  const { client } = dynamodb;
  return createSuspensionStore({ client, table: await createTable(client, 'incidents') });
});

it('keeps who restored an attestation, and why', async () => {
  const { client } = dynamodb;
  const table = await createTable(client, 'incidents');
  const store = createSuspensionStore({ client, table });
  const of = { source: '/processors/wallet', merchant: 'm_1', attestation: 'totals' } as const;
  await store.suspend({ ...of, order: 'o_1', atMs: START_MS }, START_MS);
  await store.restore({ ...of, by: 'ann', reason: 'a wrong feed' }, START_MS + HOUR);
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'attestation-acts' } },
    }),
  );
  expect(Items.map((item) => unmarshall(item).body)).toMatchObject([
    { ...of, by: 'ann', reason: 'a wrong feed', atMs: START_MS + HOUR },
  ]);
});
