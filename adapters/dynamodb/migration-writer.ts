import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { MigrationWriter } from '../../core/refunds/migration.ts';
import { encodeMigration } from './migration-item.ts';

const NOT_LOOKED_YET = 'attribute_not_exists(pk)';
const NOT_DONE_YET = 'attribute_not_exists(pk) OR kind <> :done';

/** Writes the mark of the migration into the Controls table. */
export function createMigrationWriter({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): MigrationWriter {
  return {
    async writeMigration(migration) {
      const condition =
        migration.kind === 'done'
          ? { ConditionExpression: NOT_DONE_YET, ExpressionAttributeValues: { ':done': { S: 'done' } } }
          : { ConditionExpression: NOT_LOOKED_YET };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: encodeMigration(migration), ...condition }));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
