import {
  type DynamoDBClient,
  GetItemCommand,
  type Put,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { contentionLost } from '../../core/fault.ts';
import type { FreezeOrder, FreezeStore } from '../../core/refunds/freeze.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { isLostRace } from './faults.ts';
import {
  decodeFreezeOrder,
  decodeThawRequest,
  encodeFreezeAct,
  encodeFreezeOrder,
  encodeThawRequest,
  freezeKeyOf,
  thawRequestKeyOf,
} from './freeze-item.ts';
import type { Item } from './stored-item.ts';

/** A thaw needs the freeze beside which it was asked for; a freeze needs none that stands untouched. */
const ENDS_ITS_FREEZE = 'frozen = :opposite AND thaw.id = :thaw';
const FREEZES_ANEW = 'attribute_not_exists(pk) OR frozen = :opposite OR attribute_exists(thaw)';
/** The freeze stands as it was read: no other freeze, and no other request. */
const STANDS_AS_READ = 'frozen = :frozen AND atMs = :atMs AND attribute_not_exists(thaw)';
const STANDS_WITH_THAW = 'frozen = :frozen AND atMs = :atMs AND thaw.id = :thaw';
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

  /** Writes both or none. Returns false when the condition does not hold, or when another transaction was under way. */
  async function putBoth(Put: Omit<Put, 'TableName'>, act: Item): Promise<boolean> {
    const items = [{ Put: { TableName: table, ...Put } }, { Put: { TableName: table, Item: act } }];
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException && isLostRace(error)) return false;
      throw error;
    }
  }

  function replaceStanding(order: FreezeOrder): Promise<boolean> {
    const opposite = { ':opposite': { BOOL: !order.frozen } };
    const Put = {
      Item: encodeFreezeOrder(order),
      ConditionExpression: order.frozen ? FREEZES_ANEW : ENDS_ITS_FREEZE,
      ExpressionAttributeValues: order.frozen ? opposite : { ...opposite, ':thaw': { S: order.thaw?.id ?? '' } },
    };
    return putBoth(Put, encodeFreezeAct(order));
  }

  return {
    async issue(order) {
      for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
        if (await replaceStanding(order)) return { kind: 'changed', standing: order };
        const standing = await standingOrder(order.merchant);
        if (standing === undefined && !order.frozen) return { kind: 'already' };
        if (standing !== undefined && !isChange(order, standing)) return { kind: 'already', standing };
        // The order would change something: another operator's transaction was under way, or has just ended.
        await sleep(backoffMs(lost, CONTENTION, random));
      }
      throw contentionLost('the standing freeze order', CONTENTION.triesMax);
    },

    async requestThaw(request, read) {
      const { thaw, merchant } = read;
      const values = { ':frozen': { BOOL: true }, ':atMs': { N: String(read.atMs) } };
      const Put = {
        Item: encodeFreezeOrder({ ...read, merchant, thaw: request }),
        ConditionExpression: thaw === undefined ? STANDS_AS_READ : STANDS_WITH_THAW,
        ExpressionAttributeValues: thaw === undefined ? values : { ...values, ':thaw': { S: thaw.id } },
      };
      return (await putBoth(Put, encodeThawRequest(request))) ? 'requested' : 'conflict';
    },

    async thawRequest(id) {
      const Key = { pk: { S: thawRequestKeyOf(id) } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && decodeThawRequest(Item, id);
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

/** The same question as the conditions ask. */
function isChange({ frozen, thaw }: FreezeOrder, standing: FreezeOrder): boolean {
  if (frozen) return !standing.frozen || standing.thaw !== undefined;
  return standing.frozen && standing.thaw !== undefined && standing.thaw.id === thaw?.id;
}
