import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Version1Presence } from '../../core/refunds/migration.ts';

/** Looks for a first item in the table of version-1 windows. */
export function createVersion1Presence(on: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): Version1Presence {
  return {
    async hasWindows() {
      const first = new ScanCommand({ TableName: on.table, ConsistentRead: true, Limit: 1 });
      const { Items = [] } = await on.client.send(first);
      return Items.length > 0;
    },
  };
}
