import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { contentionLost } from '../../core/fault.ts';
import type { ApproverSums, Release } from '../../core/refunds/approver-sums.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { KEEP_S } from './allocation-item.ts';
import { approverSumKeyOf, encodeRelease, releaseKeyOf } from './approver-sum-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const WITHIN = 'attribute_not_exists(spent) OR spent <= :room';
const CONTENTION = { triesMax: 20, baseMs: 10, capMs: 500 };

interface ApproverSumsProps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** Sums in the Controls table, under keys that only what makes approvals may write: one item per release, and one per sum. */
export function createApproverSums({ client, table, random, sleep }: ApproverSumsProps): ApproverSums {
  async function read(pk: string) {
    const Key = { pk: { S: pk } };
    return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
  }

  /** Puts the release and adds to the sum, all or nothing: a repetition finds the release and adds nothing. */
  async function count(release: Release): Promise<'written' | 'refused' | 'conflict'> {
    const { owner, currency, amountMinor, maxMinor } = release;
    const ttl = Math.ceil(owner.nowMs / 1000) + KEEP_S;
    const Put = { TableName: table, Item: encodeRelease(release, ttl), ConditionExpression: ABSENT };
    const Update = {
      TableName: table,
      Key: { pk: { S: approverSumKeyOf(owner, currency) } },
      UpdateExpression: 'ADD spent :minor SET #ttl = :ttl',
      ConditionExpression: WITHIN,
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':minor': { N: String(amountMinor) },
        ':ttl': { N: String(ttl) },
        ':room': { N: String(maxMinor - amountMinor) },
      },
    };
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }, { Update }] }));
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
    async countRelease(release) {
      const isCounted = async () => (await read(releaseKeyOf(release))) !== undefined;
      if (await isCounted()) return 'counted';
      // More than a whole sum can never be released, and a negative room would read as a condition on nothing.
      if (release.amountMinor > release.maxMinor) return 'beyond';
      for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
        const wrote = await count(release);
        if (wrote === 'written') return 'counted';
        // The same release may have been counted meanwhile: its item is what refused.
        if (wrote === 'refused') return (await isCounted()) ? 'counted' : 'beyond';
        await sleep(backoffMs(lost, CONTENTION, random));
      }
      throw contentionLost('the sum of an approver', CONTENTION.triesMax);
    },

    async releasedMinor(owner, currency) {
      return Number((await read(approverSumKeyOf(owner, currency)))?.spent?.N ?? 0);
    },
  };
}
