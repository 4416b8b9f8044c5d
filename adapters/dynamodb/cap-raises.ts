import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { CapRaiseStore } from '../../core/refunds/cap-raise.ts';
import { capRaisesKeyOf, decodeCapRaises, encodeCapRaiseAct, encodeCapRaises } from './cap-raise-item.ts';
import { isLostRace } from './faults.ts';

const UNCHANGED = 'attribute_not_exists(pk) OR #version = :read';

/** Keeps raises in the Controls table: one item for each currency, and one for each act. Only the API may write them. */
export function createCapRaises({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): CapRaiseStore {
  return {
    async raisesIn(currency) {
      const Key = { pk: { S: capRaisesKeyOf(currency) } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item === undefined ? { version: 0, raises: [] } : decodeCapRaises(Item);
    },

    async replaceRaises({ currency, read, raises, act }) {
      const Put = {
        TableName: table,
        Item: encodeCapRaises(currency, { version: read.version + 1, raises }),
        ConditionExpression: UNCHANGED,
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':read': { N: String(read.version) } },
      };
      const kept = { TableName: table, Item: encodeCapRaiseAct(act) };
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Put: kept }] }));
        return 'replaced';
      } catch (error) {
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict';
        throw error;
      }
    },
  };
}
