import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { FreezeOrders } from '../../core/alerts/context.ts';
import type { FreezeOrder } from '../../core/alerts/incident.ts';
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
