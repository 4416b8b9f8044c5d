import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Meter, startMeter } from '../../bench/meter.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';

let dynamodb: DynamoDbLocal;
let meter: Meter;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
  meter = await startMeter(dynamodb.endpoint);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint: meter.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  client?.destroy();
  await meter?.close();
  await dynamodb?.stop();
});

let table: string;
beforeEach(async () => {
  table = `metered-${crypto.randomUUID()}`;
  const create = new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'status'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byStatus',
        KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
  await dynamodb.client.send(create);
});

const keyOf = (pk: string) => ({ pk: { S: pk } });
/** An item that takes the given KB, less a few bytes. */
const itemOf = (pk: string, kilobytes: number) => ({ ...keyOf(pk), text: { S: 'x'.repeat(kilobytes * 1024 - 50) } });

async function store(...items: readonly Readonly<Record<string, { readonly S: string }>>[]): Promise<void> {
  for (const Item of items) await dynamodb.client.send(new PutItemCommand({ TableName: table, Item }));
}

async function unitsOf(act: () => Promise<unknown>): Promise<number> {
  meter.reset();
  await act();
  const { writeUnits, unitsByTable, requests } = meter.read();
  expect(requests).toBe(1);
  expect(unitsByTable.get(table)).toBe(writeUnits);
  return writeUnits;
}

describe('the meter', () => {
  it('counts a put by the larger of the item before and after', async () => {
    const put = (kilobytes: number) =>
      client.send(new PutItemCommand({ TableName: table, Item: itemOf('a', kilobytes) }));
    expect(await unitsOf(() => put(3))).toBe(3);
    expect(await unitsOf(() => put(1))).toBe(3);
    expect(await unitsOf(() => put(1))).toBe(1);
  });

  it('counts an update and a deletion by the item that is there', async () => {
    await store(itemOf('a', 3));
    const update = new UpdateItemCommand({
      TableName: table,
      Key: keyOf('a'),
      UpdateExpression: 'SET more = :more',
      ExpressionAttributeValues: { ':more': { S: 'x'.repeat(1_000) } },
    });
    expect(await unitsOf(() => client.send(update))).toBe(4);
    const remove = new DeleteItemCommand({ TableName: table, Key: keyOf('a') });
    expect(await unitsOf(() => client.send(remove))).toBe(4);
  });

  it('counts every member of a transaction twice, a check like a write of the whole item', async () => {
    await store(itemOf('checked', 5), itemOf('updated', 2), itemOf('deleted', 1));
    const check = { TableName: table, Key: keyOf('checked'), ConditionExpression: 'attribute_exists(pk)' };
    const update = {
      TableName: table,
      Key: keyOf('updated'),
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    };
    const TransactItems = [
      { ConditionCheck: check },
      { Update: update },
      { Delete: { TableName: table, Key: keyOf('deleted') } },
      { Put: { TableName: table, Item: itemOf('put', 1) } },
    ];
    expect(await unitsOf(() => client.send(new TransactWriteItemsCommand({ TransactItems })))).toBe(18);
  });

  it('counts a condition that fails by the item that is there', async () => {
    await store(itemOf('a', 3));
    const put = new PutItemCommand({
      TableName: table,
      Item: itemOf('a', 1),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    expect(await unitsOf(() => client.send(put).catch(() => undefined))).toBe(3);
  });

  it('counts inserts of a batch, each as if alone, and knows the new ones', async () => {
    await store(itemOf('a', 3));
    const Statements = ['a', 'b'].map((pk) => ({
      Statement: `INSERT INTO "${table}" VALUE {'pk': ?, 'text': ?}`,
      Parameters: [{ S: pk }, { S: 'short' }],
    }));
    expect(await unitsOf(() => client.send(new BatchExecuteStatementCommand({ Statements })))).toBe(4);
    expect(meter.read()).toMatchObject({ inserted: 1, insertUnits: 1 });
  });

  it('counts the members of a batch of writes', async () => {
    await store(itemOf('a', 3));
    const members = [{ DeleteRequest: { Key: keyOf('a') } }, { PutRequest: { Item: itemOf('b', 2) } }];
    const RequestItems = { [table]: members };
    expect(await unitsOf(() => client.send(new BatchWriteItemCommand({ RequestItems })))).toBe(5);
  });

  it('counts an index entry of keys alone when its key appears or changes, and not otherwise', async () => {
    const put = (status: string, kilobytes: number) =>
      client.send(new PutItemCommand({ TableName: table, Item: { ...itemOf('a', kilobytes), status: { S: status } } }));
    expect(await unitsOf(() => put('open', 2))).toBe(3);
    expect(await unitsOf(() => put('open', 1))).toBe(2);
    expect(await unitsOf(() => put('refunded', 1))).toBe(3);
  });
});
