import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DAY_S, MINUTE_MS } from '../../core/clock-units.ts';
import { BUCKET_MS, type CaseFact, type Sums } from '../../core/queries/statistics.ts';
import type { StatisticsStore } from '../../core/queries/statistics-store.ts';
import { isDone } from './faults.ts';
import { allPages, type Engine, putAll } from './incident-engine.ts';
import { type Item, iso, SHARD_NUMBERS, watchedKey, watchedOf } from './incident-items.ts';

/** At 5,000 flags a second each makes some two facts: 625 small writes a second and shard. */
const FACT_SHARDS = Array.from({ length: 16 }, (_, shard) => shard);
const FACT_KEEP_S = 2 * DAY_S;
const SUMS_KEEP_S = 400 * DAY_S;
const LATE = 'late-minutes';
const SUMMED = { pk: { S: 'summed-until' }, sk: { S: 'summed-until' } };
const LATER = 'attribute_not_exists(pk) OR untilMs < :untilMs';
const SAME_MARK = 'markedAtMs = :markedAtMs';

/** Facts, spread over shards by the minute, and sums by the day, in the table of incidents and of what is watched. */
export function createStatisticsStore(engine: Engine): StatisticsStore {
  const { client, table } = engine;
  const query = (input: Omit<QueryCommandInput, 'TableName'>) =>
    client.send(new QueryCommand({ TableName: table, ...input }));
  const queryAll = (input: Omit<QueryCommandInput, 'TableName'>) =>
    allPages((ExclusiveStartKey) => query({ ...input, ExclusiveStartKey }));

  return {
    async noteFacts(facts) {
      const items = new Map(facts.map((fact) => [`${fact.caseId}#${fact.version}`, factItem(fact)]));
      await putAll(engine, [...items.values()], (requests) =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...requests] } })),
      );
    },

    async markLate(minutes, nowMs) {
      const items = minutes.map((minuteMs) =>
        marshall({ pk: LATE, sk: iso(minuteMs), minuteMs, markedAtMs: nowMs, ttl: seconds(nowMs) + FACT_KEEP_S }),
      );
      // The newest mark stays: who has seen an older one leaves it.
      await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName: table, Item }))));
    },

    async factsOf(minuteMs) {
      const pages = await Promise.all(
        FACT_SHARDS.map((shard) =>
          queryAll({ ...between(factKey(shard), minuteMs, minuteMs + MINUTE_MS), ConsistentRead: true }),
        ),
      );
      return pages.flat().map(factIn);
    },

    async fewFacts(fromMs, toMs) {
      const pages = await Promise.all(FACT_SHARDS.map((shard) => query(between(factKey(shard), fromMs, toMs))));
      if (pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined)) return undefined;
      return pages.flatMap(({ Items = [] }) => Items).map(factIn);
    },

    async watchedByMinute(fromMs, toMs) {
      const pages = await Promise.all(SHARD_NUMBERS.map((shard) => queryAll(between(watchedKey(shard), fromMs, toMs))));
      const watched = new Map<number, number>();
      for (const item of pages.flat()) {
        const minuteMs = Date.parse(item.sk?.S ?? '');
        watched.set(minuteMs, (watched.get(minuteMs) ?? 0) + watchedOf(item).charges);
      }
      return watched;
    },

    async saveSums(minuteMs, sums) {
      const Item = marshall({ ...sumsKey(minuteMs), ttl: seconds(minuteMs) + SUMS_KEEP_S, body: sums });
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async sumsBetween(fromMs, toMs) {
      // DynamoDB refuses a range whose end is before its beginning.
      if (toMs <= fromMs) return [];
      const days = [];
      for (let ms = Math.floor(fromMs / BUCKET_MS.day) * BUCKET_MS.day; ms < toMs; ms += BUCKET_MS.day) days.push(ms);
      const pages = await Promise.all(days.map((ms) => queryAll(between(sumsKey(ms).pk, fromMs, toMs))));
      return pages.flat().map((item) => ({ atMs: Date.parse(item.sk?.S ?? ''), sums: unmarshall(item).body as Sums }));
    },

    async summedUntil() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: SUMMED, ConsistentRead: true }));
      return Item && Number(Item.untilMs?.N);
    },

    async saveSummedUntil(ms) {
      const untilMs = { N: String(ms) };
      const put = new PutItemCommand({
        TableName: table,
        Item: { ...SUMMED, untilMs },
        ConditionExpression: LATER,
        ExpressionAttributeValues: { ':untilMs': untilMs },
      });
      // It never goes back: who has summed further was first.
      await isDone(() => client.send(put));
    },

    async lateMinutes() {
      const input = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: LATE } } };
      const { Items = [] } = await query({ ...input, ConsistentRead: true });
      return Items.map((item) => ({ minuteMs: Number(item.minuteMs?.N), markedAtMs: Number(item.markedAtMs?.N) }));
    },

    async forgetLate({ minuteMs, markedAtMs }) {
      const remove = new DeleteItemCommand({
        TableName: table,
        Key: { pk: { S: LATE }, sk: { S: iso(minuteMs) } },
        ConditionExpression: SAME_MARK,
        ExpressionAttributeValues: { ':markedAtMs': { N: String(markedAtMs) } },
      });
      await isDone(() => client.send(remove));
    },
  };
}

function factKey(shard: number): string {
  return `fact#${shard}`;
}

function factItem(fact: CaseFact): Item {
  const shard = Number.parseInt(fact.caseId.slice(0, 4), 16) % FACT_SHARDS.length;
  const keys = { pk: factKey(shard), sk: `${iso(fact.atMs)}#${fact.caseId}#${fact.version}` };
  return marshall({ ...keys, ttl: seconds(fact.atMs) + FACT_KEEP_S, body: fact });
}

/** Only this module writes facts and sums. */
function factIn(item: Item): CaseFact {
  return unmarshall(item).body as CaseFact;
}

function sumsKey(minuteMs: number) {
  return { pk: `sums#${iso(minuteMs).slice(0, 10)}`, sk: iso(minuteMs) };
}

/** From a time until before another: what begins with the latter sorts after it. */
function between(pk: string, fromMs: number, toMs: number) {
  return {
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: iso(fromMs) }, ':to': { S: `${iso(toMs - 1)}~` } },
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
