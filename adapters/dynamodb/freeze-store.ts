import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { contentionLost } from '../../core/fault.ts';
import type { FreezeOrder, FreezeStore } from '../../core/refunds/freeze.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { isLostRace } from './faults.ts';
import { decodeFreezeOrder, encodeFreezeAct, encodeFreezeOrder, freezeKeyOf } from './freeze-item.ts';

/** A thaw needs a freeze to end; a freeze needs none that stands. */
const ENDS_A_FREEZE = 'frozen = :opposite';
const FREEZES_ANEW = 'attribute_not_exists(pk) OR frozen = :opposite';
/** Operators meet rarely, and a few at once at most. */
const CONTENTION = { triesMax: 10, baseMs: 20, capMs: 500 };

/** Keeps freeze orders in the Controls table: one item for each standing order, and one for each act. */
export function createFreezeStore({
  client,
  table,
  random,
  sleep,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}): FreezeStore {
  async function standingOrder(merchant: string | undefined): Promise<FreezeOrder | undefined> {
    const Key = { pk: { S: freezeKeyOf(merchant) } };
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && decodeFreezeOrder(Item, merchant);
  }

  /** Returns false when the standing order has the same effect, or when another transaction was under way. */
  async function replaceStanding(order: FreezeOrder): Promise<boolean> {
    const Put = {
      TableName: table,
      Item: encodeFreezeOrder(order),
      ConditionExpression: order.frozen ? FREEZES_ANEW : ENDS_A_FREEZE,
      ExpressionAttributeValues: { ':opposite': { BOOL: !order.frozen } },
    };
    const act = { TableName: table, Item: encodeFreezeAct(order) };
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Put: act }] }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException && isLostRace(error)) return false;
      throw error;
    }
  }

  return {
    async issue(order) {
      for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
        if (await replaceStanding(order)) return { kind: 'changed', standing: order };
        const standing = await standingOrder(order.merchant);
        if (standing === undefined && !order.frozen) return { kind: 'already' };
        if (standing?.frozen === order.frozen) return { kind: 'already', standing };
        // The order would change something: another operator's transaction was under way, or has just ended.
        await sleep(backoffMs(lost, CONTENTION, random));
      }
      throw contentionLost('the standing freeze order', CONTENTION.triesMax);
    },

    async newestOrders(merchants) {
      const found = await Promise.all([undefined, ...merchants].map(standingOrder));
      return found.filter((order) => order !== undefined);
    },

    async isFrozen(merchant) {
      const found = await Promise.all([undefined, merchant].map(standingOrder));
      return found.some((order) => order?.frozen === true);
    },

    // `frozenUntilMigrated` answers where a stage of version 1 can be behind.
    isMigrating: async () => false,
  };
}
