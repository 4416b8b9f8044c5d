import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReservationReader } from '../../core/refunds/claim-store.ts';
import { decodeReservation, reservationKeyOf } from './reservation-item.ts';

/** Reads reservations: `reverse` writes none. */
export function createReservationReader({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): ReservationReader {
  return {
    async readReservation(attempt) {
      const Key = { pk: { S: reservationKeyOf(attempt) } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item === undefined ? undefined : decodeReservation(Item);
    },
  };
}
