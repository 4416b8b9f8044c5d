import { type DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { hourOf, type Refusal, type RefusalStore } from '../../core/incidents/refusals.ts';
import { isDone } from './faults.ts';
import { allPages } from './incident-engine.ts';
import { countKey, decodeRefusals, encodeNotice, expiryOf, refusalCountCodec, refusalsKey } from './refusal-items.ts';

interface RefusalStoreProps {
  readonly client: DynamoDBClient;
  /** The table of incidents. */
  readonly table: string;
  /** Records counted of one source, reason and hour: what an alert needs to know. */
  readonly countedMax: number;
}

const ABSENT = 'attribute_not_exists(pk)';
const HAS_ROOM = 'attribute_not_exists(ids) OR size(ids) < :max OR contains(ids, :id)';
/** 64 bits tell some hundred records apart, and keep a counter of a thousand at 16 KB. */
const ID_LENGTH = 16;
/** Full counters that this process remembers: more than all sources and reasons of an hour. */
const FULL_MAX = 10_000;

/**
 * Counts refusals beside the counts of processed charges. A counter is a set of record ids: the same record counts once,
 * however often its batch comes. A full one costs no further write of this process.
 */
export function createRefusalStore({ client, table, countedMax }: RefusalStoreProps): RefusalStore {
  const full = new Set<string>();
  return {
    async noteRefusal(refusal) {
      const { source, reason, atMs } = refusal;
      const name = `${refusalsKey(hourOf(atMs))} ${countKey(reason, source)}`;
      if (full.has(name)) return;
      const hasRoom = await isDone(() => client.send(countCommand(refusal, { table, countedMax })));
      if (hasRoom) return;
      if (full.size >= FULL_MAX) full.clear();
      full.add(name);
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
  { recordId, source, reason, atMs }: Refusal,
  { table, countedMax }: Pick<RefusalStoreProps, 'table' | 'countedMax'>,
): UpdateItemCommand {
  const hourMs = hourOf(atMs);
  const id = recordId.slice(0, ID_LENGTH);
  return new UpdateItemCommand({
    TableName: table,
    Key: { pk: { S: refusalsKey(hourMs) }, sk: { S: countKey(reason, source) } },
    UpdateExpression:
      'ADD ids :ids SET firstAtMs = if_not_exists(firstAtMs, :atMs), #ttl = :ttl, schemaVersion = :schemaVersion',
    ConditionExpression: HAS_ROOM,
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':ids': { SS: [id] },
      ':id': { S: id },
      ':max': { N: String(countedMax) },
      ':atMs': { N: String(atMs) },
      ':ttl': { N: String(expiryOf(hourMs)) },
      ':schemaVersion': { N: String(refusalCountCodec.schemaVersion) },
    },
  });
}
