import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { contentionLost } from '../../core/fault.ts';
import type { Outflow, Outflows } from '../../core/refunds/outflow.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { KEEP_S } from './allocation-item.ts';
import { type Counter, countersOf } from './budget-counters.ts';
import { encodeOutflow, isSameOutflow, outflowKeyOf } from './outflow-item.ts';
import type { Item } from './stored-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const WITHIN = 'attribute_not_exists(spent) OR spent <= :room';
const CONTENTION = { triesMax: 20, baseMs: 10, capMs: 500 };

interface OutflowsProps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** Outflows in the Controls table, under keys that `reverse` alone may write: one item per attempt, and counters of the hour. */
export function createOutflows({ client, table, random, sleep }: OutflowsProps): Outflows {
  async function read(pk: string): Promise<Item | undefined> {
    const Key = { pk: { S: pk } };
    return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
  }

  async function known(outflow: Outflow): Promise<'counted' | 'differs' | undefined> {
    const stored = await read(outflowKeyOf(outflow.name));
    if (stored === undefined) return undefined;
    return isSameOutflow(stored, outflow) ? 'counted' : 'differs';
  }

  /** Puts the attempt and adds to the counters, all or nothing: redelivery finds the attempt's item and adds nothing. */
  async function count(outflow: Outflow, counters: readonly Counter[]): Promise<'written' | 'refused' | 'conflict'> {
    const ttl = Math.ceil(outflow.nowMs / 1000) + KEEP_S;
    const Put = { TableName: table, Item: encodeOutflow(outflow, ttl), ConditionExpression: ABSENT };
    const adds = counters.map((counter) => ({ Update: { TableName: table, ...addition(counter, ttl) } }));
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, ...adds] }));
      return 'written';
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
      if (codes.includes('ConditionalCheckFailed')) return 'refused';
      if (codes.includes('TransactionConflict')) return 'conflict';
      throw error;
    }
  }

  return {
    isCounted: async (outflow) => (await known(outflow)) === 'counted',

    async hasRoom(outflow) {
      if ((await known(outflow)) !== undefined) return true;
      for (const { pk, roomMinor } of countersOf(outflow, 'outflow')) {
        if (roomMinor === undefined) continue;
        const spent = Number((await read(pk))?.spent?.N ?? 0);
        if (roomMinor < 0 || spent > roomMinor) return false;
      }
      return true;
    },

    async countOutflow(outflow) {
      const before = await known(outflow);
      if (before !== undefined) return before;
      const counters = countersOf(outflow, 'outflow');
      // More than a whole cap can never go, and a negative room would read as a condition on nothing.
      if (counters.some(({ roomMinor }) => roomMinor !== undefined && roomMinor < 0)) return 'beyond-cap';
      for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
        const wrote = await count(outflow, counters);
        if (wrote === 'written') return 'counted';
        // Another run of the attempt may have been first: its item is what refused.
        if (wrote === 'refused') return (await known(outflow)) ?? 'beyond-cap';
        await sleep(backoffMs(lost, CONTENTION, random));
      }
      throw contentionLost('an outflow', CONTENTION.triesMax);
    },
  };
}

function addition({ pk, minor, roomMinor }: Counter, ttl: number) {
  return {
    Key: { pk: { S: pk } },
    UpdateExpression: 'ADD spent :minor SET #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ...(roomMinor !== undefined && { ConditionExpression: WITHIN }),
    ExpressionAttributeValues: {
      ':minor': { N: String(minor) },
      ':ttl': { N: String(ttl) },
      ...(roomMinor !== undefined && { ':room': { N: String(roomMinor) } }),
    },
  };
}
