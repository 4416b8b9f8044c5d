import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DAY_MS } from '../../core/clock-units.ts';
import { bug } from '../../core/fault.ts';
import type { ClaimStore, Grant } from '../../core/refunds/claim-store.ts';
import { putOf } from './charge-items.ts';
import { isLostRace } from './faults.ts';
import { encodeRecord, recordKey } from './record-item.ts';
import { encodeReservation } from './reservation-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
/** Fails too where the item is gone. */
const VERSION_UNCHANGED = 'v = :expected';
const DECISION_UNCHANGED = 'd = :expected';

/** Grants claims: records and windows in the Charges table, reservations in a table of their own. */
export function createClaimStore({
  client,
  charges,
  reservations,
  reservationDays,
}: {
  readonly client: DynamoDBClient;
  readonly charges: string;
  readonly reservations: string;
  /** For how many days a reservation lives after its claim. */
  readonly reservationDays: number;
}): ClaimStore {
  function membersOf({
    record,
    expectedVersion,
    window,
    orderWindow,
    survivors,
    reservation,
  }: Grant): TransactWriteItem[] {
    const check = (pk: string, ConditionExpression: string, expected: number): TransactWriteItem => ({
      ConditionCheck: {
        TableName: charges,
        Key: { pk: { S: pk } },
        ConditionExpression,
        ExpressionAttributeValues: { ':expected': { N: String(expected) } },
      },
    });
    if (record.ours?.state !== 'claimed') throw bug('a record without the claim that is granted');
    const Item = encodeReservation(reservation, record.ours.atMs + reservationDays * DAY_MS);
    return [
      { Put: putOf(encodeRecord(record), expectedVersion, charges) },
      ...[window, orderWindow].flatMap((pinned) =>
        pinned === undefined ? [] : [check(pinned.fingerprint, DECISION_UNCHANGED, pinned.decisiveVersion)],
      ),
      ...survivors.map(({ id, version }) => check(recordKey(id), VERSION_UNCHANGED, version)),
      { Put: { TableName: reservations, Item, ConditionExpression: ABSENT } },
    ];
  }

  return {
    async grant(grant) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: membersOf(grant) }));
        return 'granted';
      } catch (error) {
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict';
        throw error;
      }
    },
  };
}
