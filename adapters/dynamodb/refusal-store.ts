import { type DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { hourOf, type Refusal, type RefusalStore } from '../../core/incidents/refusals.ts';
import { isDone } from './faults.ts';
import { allPages } from './incident-engine.ts';
import { countKey, decodeRefusals, encodeNotice, expiryOf, refusalCountCodec, refusalsKey } from './refusal-items.ts';

interface RefusalStoreProps {
  readonly client: DynamoDBClient;
  /** The table of incidents. */
  readonly table: string;
  /** The budget of one source, reason and hour: as many records are counted as an alert needs. */
  readonly countedMax: number;
}

const ABSENT = 'attribute_not_exists(pk)';
const HAS_ROOM = 'attribute_not_exists(ids) OR size(ids) < :max OR contains(ids, :first)';
/** 64 bits tell some hundred records apart, and keep a counter of a thousand at 16 KB. */
const ID_LENGTH = 16;
/** Full counters that this process remembers: more than all sources and reasons of an hour. */
const FULL_MAX = 10_000;

/**
 * Counts refusals beside the counts of processed charges. A counter is a set of record ids: the same record counts once,
 * however often its batch comes. A full one costs no further write of this process. It has at most twice the budget.
 */
export function createRefusalStore({ client, table, countedMax }: RefusalStoreProps): RefusalStore {
  const full = new Set<string>();
  return {
    async noteRefusals(refusal) {
      const { source, reason, atMs } = refusal;
      const name = `${refusalsKey(hourOf(atMs))} ${countKey(reason, source)}`;
      if (full.has(name)) return 'beyond-budget';
      const hasRoom = await isDone(() => client.send(countCommand(refusal, { table, countedMax })));
      if (hasRoom) return 'counted';
      if (full.size >= FULL_MAX) full.clear();
      full.add(name);
      return 'beyond-budget';
    },

    async refusalsIn(hourMs) {
      const items = await allPages((ExclusiveStartKey) =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: refusalsKey(hourMs) } },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
        ),
      );
      return decodeRefusals(items);
    },

    async openNotice(notice) {
      const put = new PutItemCommand({ TableName: table, Item: encodeNotice(notice), ConditionExpression: ABSENT });
      return (await isDone(() => client.send(put))) ? 'opened' : 'already-open';
    },

    async markNoticeSent(notice) {
      await client.send(new PutItemCommand({ TableName: table, Item: encodeNotice({ ...notice, isSent: true }) }));
    },
  };
}

function countCommand(
  { recordIds, source, reason, atMs }: Refusal,
  { table, countedMax }: Pick<RefusalStoreProps, 'table' | 'countedMax'>,
): UpdateItemCommand {
  const hourMs = hourOf(atMs);
  // The first one stands for its batch: when the batch comes again, the answer is the same.
  const ids = [...new Set(recordIds.slice(0, countedMax).map((id) => id.slice(0, ID_LENGTH)))];
  return new UpdateItemCommand({
    TableName: table,
    Key: { pk: { S: refusalsKey(hourMs) }, sk: { S: countKey(reason, source) } },
    UpdateExpression:
      'ADD ids :ids SET firstAtMs = if_not_exists(firstAtMs, :atMs), #ttl = :ttl, schemaVersion = :schemaVersion',
    ConditionExpression: HAS_ROOM,
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':ids': { SS: ids },
      ':first': { S: ids[0] ?? '' },
      ':max': { N: String(countedMax) },
      ':atMs': { N: String(atMs) },
      ':ttl': { N: String(expiryOf(hourMs)) },
      ':schemaVersion': { N: String(refusalCountCodec.schemaVersion) },
    },
  });
}
