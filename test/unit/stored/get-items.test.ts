import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { getItems } from '../../../adapters/dynamodb/get-items.ts';
import type { Item } from '../../../adapters/dynamodb/stored-item.ts';

const TABLE = 'cases';

/** A table that reads at most `atOnce` keys a request and leaves the rest unprocessed. */
function tableThatReads(atOnce: number) {
  const asked: number[] = [];
  const client = new DynamoDBClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async (request: { input: unknown }) => {
      const { RequestItems } = request.input as { RequestItems: Record<string, { Keys: Item[] }> };
      const keys = RequestItems[TABLE]?.Keys ?? [];
      asked.push(keys.length);
      const left = keys.slice(atOnce);
      const UnprocessedKeys = left.length === 0 ? {} : { [TABLE]: { Keys: left } };
      const output = { $metadata: {}, Responses: { [TABLE]: keys.slice(0, atOnce) }, UnprocessedKeys };
      return { output, response: {} };
    },
    { step: 'initialize' },
  );
  return { client, asked };
}

const keysOf = (count: number): Item[] => Array.from({ length: count }, (_, n) => ({ pk: { S: `k_${n}` } }));

it('reads at most 100 keys a request, and asks again for unprocessed ones', async () => {
  const { client, asked } = tableThatReads(60);
  const items = await getItems({ client, table: TABLE }, keysOf(130));
  expect([items.length, asked]).toEqual([130, [100, 40, 30]]);
});

it('throws a transient fault when the table processes no keys', async () => {
  const { client } = tableThatReads(0);
  await expect(getItems({ client, table: TABLE }, keysOf(1))).rejects.toMatchObject({ code: 'dependency-busy' });
});
