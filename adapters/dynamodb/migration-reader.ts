import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { MigrationReader } from '../../core/refunds/migration.ts';
import { decodeMigration, MIGRATION_KEY } from './migration-item.ts';

/** Reads the mark of the migration in the Controls table. */
export function createMigrationReader({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): MigrationReader {
  return {
    async readMigration() {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: MIGRATION_KEY, ConsistentRead: true }),
      );
      return Item && decodeMigration(Item);
    },
  };
}
