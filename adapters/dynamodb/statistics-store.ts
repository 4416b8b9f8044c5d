import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Ms } from '../../core/brands.ts';
import { iso, MINUTE_MS } from '../../core/clock-units.ts';
import { BUCKET_MS } from '../../core/queries/statistics.ts';
import type { StatisticsStore } from '../../core/queries/statistics-store.ts';
import { isDone } from './faults.ts';
import { allPages, type Engine, putAll } from './incident-engine.ts';
import { chargesProcessedKey, decodeProcessed, SHARD_NUMBERS } from './incident-items.ts';
import {
  decodeFact,
  decodeLate,
  decodeSummed,
  decodeSums,
  encodeFact,
  encodeLate,
  encodeSummed,
  encodeSums,
  FACT_SHARDS,
  factKey,
  LATE,
  lateKey,
  SUMMED,
  sumsKey,
} from './statistics-items.ts';
import { sortKeyMs } from './stored-item.ts';

const LATER = 'attribute_not_exists(pk) OR untilMs < :untilMs';
const SAME_MARK = 'markedAtMs = :markedAtMs';

/** Facts, spread over shards by the minute, and sums by the day, in the table of incidents and of charges processed. */
export function createStatisticsStore(engine: Engine): StatisticsStore {
  const { client, table } = engine;
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    client.send(new QueryCommand({ TableName: table, ...input }));
  const queryAll = (input: Omit<QueryCommandInput, 'TableName'>) =>
    allPages((ExclusiveStartKey) => query({ ...input, ExclusiveStartKey }));

  return {
    async noteFacts(facts) {
      const items = new Map(facts.map((fact) => [`${fact.caseId}#${fact.version}`, encodeFact(fact)]));
      await putAll(engine, [...items.values()], (requests) =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...requests] } })),
      );
    },

    async markLate(minutes, nowMs) {
      const items = minutes.map((minuteMs) => encodeLate({ minuteMs, markedAtMs: nowMs }));
      // The newest mark stays: who has seen an older one leaves it.
      await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName: table, Item }))));
    },

    async factsOf(minuteMs) {
      const pages = await Promise.all(
        FACT_SHARDS.map((shard) =>
          queryAll({ ...between(factKey(shard), minuteMs, minuteMs + MINUTE_MS), ConsistentRead: true }),
        ),
      );
      return pages.flat().map(decodeFact);
    },

    async fewFacts(fromMs, toMs) {
      const pages = await Promise.all(FACT_SHARDS.map((shard) => query(between(factKey(shard), fromMs, toMs))));
      if (pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined)) return undefined;
      return pages.flatMap(({ Items = [] }) => Items).map(decodeFact);
    },

    async chargesProcessedByMinute(fromMs, toMs) {
      const pages = await Promise.all(
        SHARD_NUMBERS.map((shard) => queryAll(between(chargesProcessedKey(shard), fromMs, toMs))),
      );
      const chargesProcessed = new Map<Ms, number>();
      for (const item of pages.flat()) {
        const minuteMs = sortKeyMs(item);
        chargesProcessed.set(minuteMs, (chargesProcessed.get(minuteMs) ?? 0) + decodeProcessed(item).charges);
      }
      return chargesProcessed;
    },

    async saveSums(minuteMs, sums) {
      await client.send(new PutItemCommand({ TableName: table, Item: encodeSums(minuteMs, sums) }));
    },

    async sumsBetween(fromMs, toMs) {
      // DynamoDB refuses a range whose end is before its beginning.
      if (toMs <= fromMs) return [];
      const days = [];
      for (let ms = Math.floor(fromMs / BUCKET_MS.day) * BUCKET_MS.day; ms < toMs; ms += BUCKET_MS.day) days.push(ms);
      const pages = await Promise.all(days.map((ms) => queryAll(between(sumsKey(ms).pk, fromMs, toMs))));
      return pages.flat().map(decodeSums);
    },

    async summedUntil() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: SUMMED, ConsistentRead: true }));
      return Item && decodeSummed(Item);
    },

    async saveSummedUntil(ms) {
      const put = new PutItemCommand({
        TableName: table,
        Item: encodeSummed(ms),
        ConditionExpression: LATER,
        ExpressionAttributeValues: { ':untilMs': { N: String(ms) } },
      });
      // It never goes back: who has summed further was first.
      await isDone(() => client.send(put));
    },

    async lateMinutes() {
      const input = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: LATE } } };
      const { Items = [] } = await query({ ...input, ConsistentRead: true });
      return Items.map(decodeLate);
    },

    async forgetLate({ minuteMs, markedAtMs }) {
      const remove = new DeleteItemCommand({
        TableName: table,
        Key: marshall(lateKey(minuteMs)),
        ConditionExpression: SAME_MARK,
        ExpressionAttributeValues: { ':markedAtMs': { N: String(markedAtMs) } },
      });
      await isDone(() => client.send(remove));
    },
  };
}

/** From a time until before another: what begins with the latter sorts after it. */
function between(pk: string, fromMs: Ms, toMs: Ms) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: iso(fromMs) }, ':to': { S: `${iso(toMs - 1)}~` } },
  };
}
