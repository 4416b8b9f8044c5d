import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { shardsOf, statusKey } from '../adapters/dynamodb/case-items.ts';
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
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamo.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'byStatus',
        Select: 'COUNT',
        KeyConditionExpression: 'gsi2pk = :key',
        ExpressionAttributeValues: { ':key': { S: key } },
        ExclusiveStartKey: from,
      }),
    );
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}
