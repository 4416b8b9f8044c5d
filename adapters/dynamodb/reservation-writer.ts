import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReservationWriter } from '../../core/refunds/migrate.ts';
import { encodeReservation } from './reservation-item.ts';

const ABSENT = 'attribute_not_exists(pk)';

/** Inserts reservations of claims that version 1 had granted. Today's claims put theirs in the transaction that grants them. */
export function createReservationWriter({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): ReservationWriter {
  return {
    async insertReservation(reservation) {
      const Item = encodeReservation(reservation);
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: ABSENT }));
        return 'inserted';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'exists';
        throw error;
      }
    },
  };
}
