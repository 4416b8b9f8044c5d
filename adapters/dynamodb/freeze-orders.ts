import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { FreezeOrder, FreezeOrders, FreezeOutcome } from '../../core/refunds/freeze.ts';
import { FREEZE_KEY, freezeKeyOf } from './controls.ts';

/** What freezes and thaws refunds, as the Controls table has it: the newest order for each merchant and for all. */
export function createFreezeOrders({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): FreezeOrders {
  async function newest(pk: string, merchant?: string): Promise<readonly FreezeOrder[]> {
    const get = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
    const { Item } = await client.send(get);
    if (Item === undefined) return [];
    const { frozen, by, reason, atMs } = unmarshall(Item);
    const order = { frozen: frozen === true, by: String(by), reason: String(reason), atMs: Number(atMs ?? 0) };
    return [merchant === undefined ? order : { ...order, merchant }];
  }

  return {
    async newestOrders(merchants) {
      const found = await Promise.all([
        newest(FREEZE_KEY),
        ...merchants.map((merchant) => newest(freezeKeyOf(merchant), merchant)),
      ]);
      return found.flat();
    },
  };
}

/** Stops or releases refunds. Asked twice it changes nothing the second time: who froze first stays on record. */
export async function orderFreeze(
  dynamo: DynamoDBClient,
  tableName: string,
  order: FreezeOrder,
): Promise<FreezeOutcome> {
  const { merchant, ...what } = order;
  const pk = merchant === undefined ? FREEZE_KEY : freezeKeyOf(merchant);
  const isChange = order.frozen ? 'attribute_not_exists(pk) OR frozen = :otherwise' : 'frozen = :otherwise';
  // The act stays on record when the order itself is overwritten by the next one.
  const record = { pk: `freeze-act#${order.atMs}#${pk}`, ...order };
  try {
    await dynamo.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          {
            Put: {
              TableName: tableName,
              Item: marshall({ pk, ...what }),
              ConditionExpression: isChange,
              ExpressionAttributeValues: { ':otherwise': { BOOL: !order.frozen } },
            },
          },
          { Put: { TableName: tableName, Item: marshall(record, { removeUndefinedValues: true }) } },
        ],
      }),
    );
    return { kind: 'changed' };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
  }
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName: tableName, Key: marshall({ pk }), ConsistentRead: true }),
  );
  return { kind: 'already', ...itemSchema.parse(unmarshall(Item ?? {})) };
}

const itemSchema = z.object({
  by: z.string().default('somebody'),
  reason: z.string().default('no reason given'),
  atMs: z.number().default(0),
});
