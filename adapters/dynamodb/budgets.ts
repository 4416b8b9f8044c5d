import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Minor } from '../../core/brands.ts';
import { HOUR_MS, iso } from '../../core/clock-units.ts';
import { contentionLost } from '../../core/fault.ts';
import { type Allocation, type Budgets, withoutCaps } from '../../core/refunds/budgets.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { allocationKey, decodeAllocation, encodeAllocation, KEEP_S } from './allocation-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const PRESENT = 'attribute_exists(pk)';
const WITHIN = 'attribute_not_exists(spent) OR spent <= :room';
/** The total is one number for everybody: spread over shards, each with its part of the cap. */
const TOTAL_SHARDS = 4;
const CONTENTION = { triesMax: 20, baseMs: 10, capMs: 500 };

/** Budgets in the Controls table: a counter per hour and currency, and one item per allocation. */
export function createBudgets({
  client,
  table,
  random,
  sleep,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}): Budgets {
  async function get(pk: string) {
    const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
    return (await client.send(command)).Item;
  }

  async function transact(TransactItems: TransactWriteItem[]): Promise<readonly string[]> {
    for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems }));
        return [];
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
        if (codes.includes('ConditionalCheckFailed')) return codes;
        if (!codes.includes('TransactionConflict')) throw error;
        await sleep(backoffMs(lost, CONTENTION, random));
      }
    }
    throw contentionLost('a budget', CONTENTION.triesMax);
  }

  const budgets: Budgets = {
    async allocate(allocation) {
      const counters = countersOf(allocation);
      // More than a whole cap can never be spent, and a negative room would read as a condition on nothing.
      if (counters.some(({ roomMinor }) => roomMinor !== undefined && roomMinor < 0)) return 'spent';
      const ttl = Math.ceil(allocation.nowMs / 1000) + KEEP_S;
      const Item = encodeAllocation(allocation.name, counters, ttl);
      const adds = counters.map((counter) => addTo(table, { ...counter, ttl: { N: String(ttl) } }));
      const codes = await transact([{ Put: { TableName: table, Item, ConditionExpression: ABSENT } }, ...adds]);
      // The allocation itself being there means that it was granted before.
      return codes.length === 0 || codes[0] === 'ConditionalCheckFailed' ? 'allocated' : 'spent';
    },

    async ensureAllocated(allocation) {
      // Mostly it is there, and a read costs a tenth of a refused transaction.
      if ((await get(allocationKey(allocation.name))) === undefined) await budgets.allocate(withoutCaps(allocation));
    },

    async releaseAllocation(name) {
      const pk = allocationKey(name);
      const item = await get(pk);
      if (item === undefined) return;
      const subtract = decodeAllocation(item).map(({ pk, minor }) => addTo(table, { pk, minor: -minor }));
      await transact([
        { Delete: { TableName: table, Key: { pk: { S: pk } }, ConditionExpression: PRESENT } },
        ...subtract,
      ]);
    },
  };
  return budgets;
}

interface Counter {
  readonly pk: string;
  readonly minor: Minor;
  /** What may be spent already for the allocation to fit; undefined: no cap. */
  readonly roomMinor: Minor | undefined;
}

function countersOf(allocation: Allocation): readonly Counter[] {
  const { merchant, currency, refundMinor, merchantMaxMinor, nowMs } = allocation;
  const hour = iso(Math.floor(nowMs / HOUR_MS) * HOUR_MS).slice(0, 13);
  const ofMerchant = {
    pk: `budget#merchant#${merchant}#${currency}#${hour}`,
    minor: refundMinor,
    roomMinor: merchantMaxMinor === undefined ? undefined : merchantMaxMinor - refundMinor,
  };
  const ofTotal = totalShares(allocation).map(({ shard, minor, maxMinor }) => ({
    pk: `budget#total#${currency}#${hour}#${shard}`,
    minor,
    roomMinor: maxMinor === undefined ? undefined : maxMinor - minor,
  }));
  return [ofMerchant, ...ofTotal];
}

/** A refund counts in one shard of the total; one that is larger than a shard's part of the cap is spread over all. */
function totalShares({ name, refundMinor, totalMaxMinor }: Allocation) {
  const shard = shardOf(name);
  const maxMinor = totalMaxMinor === undefined ? undefined : partOf(totalMaxMinor, shard);
  if (totalMaxMinor === undefined || maxMinor === undefined || refundMinor <= maxMinor)
    return [{ shard, minor: refundMinor, maxMinor }];
  return Array.from({ length: TOTAL_SHARDS }, (_, shard) => ({
    shard,
    minor: partOf(refundMinor, shard),
    maxMinor: partOf(totalMaxMinor, shard),
  }));
}

/** Refund and cap are divided alike, so that a refund as large as the cap fits into an hour that has spent nothing. */
function partOf(minor: Minor, shard: number): Minor {
  return Math.floor(minor / TOTAL_SHARDS) + (shard < minor % TOTAL_SHARDS ? 1 : 0);
}

function addTo(
  TableName: string,
  { pk, minor, roomMinor, ttl }: { pk: string; minor: Minor; roomMinor?: Minor | undefined; ttl?: { N: string } },
): TransactWriteItem {
  return {
    Update: {
      TableName,
      Key: { pk: { S: pk } },
      UpdateExpression: ttl ? 'ADD spent :minor SET #ttl = :ttl' : 'ADD spent :minor',
      ...(ttl && { ExpressionAttributeNames: { '#ttl': 'ttl' } }),
      ...(roomMinor !== undefined && { ConditionExpression: WITHIN }),
      ExpressionAttributeValues: {
        ':minor': { N: String(minor) },
        ...(ttl && { ':ttl': ttl }),
        ...(roomMinor !== undefined && { ':room': { N: String(roomMinor) } }),
      },
    },
  };
}

/** Names begin with a flag id, which is a hash: its first digits are spread evenly. */
function shardOf(name: string): number {
  return Number.parseInt(name.slice(0, 4), 16) % TOTAL_SHARDS;
}
