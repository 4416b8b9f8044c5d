import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { shardsOf, statusKey } from '../adapters/dynamodb/case-items.ts';
import { tablePages } from '../adapters/dynamodb/table-pages.ts';
import { FLAG_STATUSES } from '../core/cases/flag.ts';
import type { Aws } from './aws.ts';

/** How many flags there are of each status, by the sharded status index: no scan, on AWS either. */
export async function countFlags(aws: Aws, tableName: string): Promise<ReadonlyMap<string, number>> {
  const counts = FLAG_STATUSES.map(async (status) => {
    const keys = shardsOf('byStatus', statusKey('flag', status));
    const parts = await Promise.all(keys.map((key) => countKey(aws, tableName, key)));
    return [status, parts.reduce((sum, part) => sum + part, 0)] as const;
  });
  return new Map(await Promise.all(counts));
}

async function countKey({ dynamo }: Aws, tableName: string, key: string): Promise<number> {
  let count = 0;
  const counted = tablePages((ExclusiveStartKey) =>
    dynamo.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'byStatus',
        Select: 'COUNT',
        KeyConditionExpression: 'gsi2pk = :key',
        ExpressionAttributeValues: { ':key': { S: key } },
        ExclusiveStartKey,
      }),
    ),
  );
  for await (const { Count = 0 } of counted) count += Count;
  return count;
}
