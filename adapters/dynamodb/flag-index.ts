import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { asFlagId, type FlagId } from '../../core/brands.ts';
import { FLAG_STATUSES } from '../../core/cases/flag.ts';
import { flagPrefix, INDEXES, shardsOf, statusKey } from './case-items.ts';
import { textOf } from './stored-item.ts';
import { tablePages } from './table-pages.ts';

/** How many flags there are of each status, by the sharded status index: no scan, on AWS either. */
export async function countFlags(client: DynamoDBClient, tableName: string): Promise<ReadonlyMap<string, number>> {
  const counts = FLAG_STATUSES.map(async (status) => {
    const keys = shardsOf('byStatus', statusKey('flag', status));
    const parts = await Promise.all(keys.map((key) => countKey(client, tableName, key)));
    return [status, parts.reduce((sum, part) => sum + part, 0)] as const;
  });
  return new Map(await Promise.all(counts));
}

async function countKey(client: DynamoDBClient, tableName: string, key: string): Promise<number> {
  let count = 0;
  const counted = tablePages((ExclusiveStartKey) =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'byStatus',
        Select: 'COUNT',
        KeyConditionExpression: `${INDEXES.byStatus.partitionKey} = :key`,
        ExpressionAttributeValues: { ':key': { S: key } },
        ExclusiveStartKey,
      }),
    ),
  );
  for await (const { Count = 0 } of counted) count += Count;
  return count;
}

/** Newest of one key of the status index that a list shows. */
const NEWEST = 25;

/** The ids of the newest flags under one key of the status index. */
export async function newestFlagIds(
  client: DynamoDBClient,
  TableName: string,
  key: string,
): Promise<readonly FlagId[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'byStatus',
      KeyConditionExpression: `${INDEXES.byStatus.partitionKey} = :key`,
      ExpressionAttributeValues: { ':key': { S: key } },
      ScanIndexForward: false,
      Limit: NEWEST,
    }),
  );
  return Items.map((item) => asFlagId(textOf(item, 'pk').slice(flagPrefix.length)));
}
