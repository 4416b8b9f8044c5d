import {
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { IncidentId, Ms } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import { addProcessed } from '../../core/incidents/charge-meter.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { IncidentStore } from '../../core/incidents/incident-store.ts';
import { isDone } from './faults.ts';
import { getItems } from './get-items.ts';
import { allPages, type Engine, isCommitted, putAll } from './incident-engine.ts';
import {
  CLOSING,
  chargesProcessedKey,
  chargesProcessedUpdate,
  claimItem,
  closingKey,
  decodeClosing,
  decodeHead,
  decodeListed,
  decodeLive,
  decodeMember,
  decodeOpened,
  decodeProcessed,
  encodeClosing,
  encodeHead,
  encodeListed,
  encodeLive,
  encodeMember,
  encodeOpened,
  headKey,
  INCIDENT_SHARDS,
  LISTED,
  LIVE,
  liveKey,
  memberKey,
  minuteOf,
  openedKey,
  SHARD_NUMBERS,
} from './incident-items.ts';
import type { Item } from './stored-item.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';
const NEWER = 'attribute_not_exists(pk) OR version < :version';
const FREE_OR_OURS = 'attribute_not_exists(pk) OR #owner = :owner';
/** Members written at once: bounds the open requests. */
const PARALLEL = 16;

interface IncidentStoreProps extends Engine {
  readonly nowMs: () => Ms;
}

/**
 * Incidents in a table of their own. `live` is the lock: one item for each scope that has an open incident, written and
 * removed in one transaction with the incident's head. What many workers write at once (counts, openings, members) is
 * spread over shards, and nothing of it is ever read before it is written.
 */
export function createIncidentStore(props: IncidentStoreProps): IncidentStore {
  const { client, table, nowMs, random } = props;
  const TableName = table;

  return {
    async noteChargesProcessed(count) {
      const Key = {
        pk: { S: chargesProcessedKey(Math.floor(random() * INCIDENT_SHARDS)) },
        sk: { S: minuteOf(count.atMs) },
      };
      await client.send(new UpdateItemCommand({ TableName, Key, ...chargesProcessedUpdate(count) }));
    },

    async chargesProcessedSince(fromMs, toMs) {
      const items = await rangeOfShards(props, chargesProcessedKey, [minuteOf(fromMs), minuteOf(toMs)]);
      const counts = items.map(decodeProcessed);
      const [newest] = counts.toSorted((a, b) => b.atMs - a.atMs);
      return { ...addProcessed(counts), ...(newest && { newest: { atMs: newest.atMs, lagMs: newest.lagMs } }) };
    },

    async noteOpened(cases) {
      await putAll(props, cases.map(encodeOpened), (requests) =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [table]: [...requests] } })),
      );
    },

    async openedBetween(fromMs, toMs) {
      // `~` sorts after the `#` that ends the time.
      return (await rangeOfShards(props, openedKey, [iso(fromMs), `${iso(toMs)}~`])).map(decodeOpened);
    },

    async liveIncidents() {
      const items = await queryAll(props, { ...partition(LIVE), ConsistentRead: true });
      return items.map(decodeLive);
    },

    async openIncident(incident) {
      const transaction: TransactWriteItem[] = [
        { Put: { TableName, Item: encodeLive(incident), ConditionExpression: ABSENT } },
        { Put: { TableName, Item: encodeHead(incident), ConditionExpression: ABSENT } },
        { Put: { TableName, Item: encodeListed(incident) } },
      ];
      return (await transact(props, transaction)) ? 'opened' : 'already-open';
    },

    async readIncident(id) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: headKey(id), ConsistentRead: true }));
      return Item && decodeHead(Item);
    },

    async saveIncident(incident) {
      const head: TransactWriteItem = {
        Put: {
          TableName,
          Item: encodeHead(incident),
          ConditionExpression: UNCHANGED,
          ExpressionAttributeValues: { ':expected': { N: String(incident.version - 1) } },
        },
      };
      return (await transact(props, [head, ...indexed(TableName, incident)])) ? 'saved' : 'conflict';
    },

    async unfinishedIncidents() {
      const [live, closing] = await Promise.all([
        queryAll(props, { ...partition(LIVE), ConsistentRead: true }),
        queryAll(props, { ...partition(CLOSING), ConsistentRead: true }),
      ]);
      const ids = new Set([...live.map(decodeLive), ...closing.map(decodeClosing)].map(({ id }) => id));
      const heads = await headsOf(props, [...ids]);
      return heads.filter(({ status, messages, notified }) => status !== 'closed' || notified < messages);
    },

    async listIncidents({ limit, cursor }) {
      const range = cursor === undefined ? '' : ' AND sk < :cursor';
      const page = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: `pk = :pk${range}`,
          ExpressionAttributeValues: {
            ':pk': { S: LISTED },
            ...(cursor !== undefined && { ':cursor': { S: cursor } }),
          },
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      const ids = (page.Items ?? []).map((item) => decodeListed(item).id);
      const heads = new Map((await headsOf(props, ids)).map((head) => [head.id, head]));
      const items = ids.flatMap((id) => heads.get(id) ?? []);
      const isMore = page.LastEvaluatedKey !== undefined;
      return { items, cursor: isMore ? page.Items?.at(-1)?.sk?.S : undefined };
    },

    async noteMembers(incidentId, members) {
      for (let at = 0; at < members.length; at += PARALLEL) {
        const part = members.slice(at, at + PARALLEL);
        await Promise.all(part.map((member) => putNewer(props, encodeMember(incidentId, member, nowMs()))));
      }
    },

    async membersOf(incidentId) {
      const pages = await Promise.all(
        SHARD_NUMBERS.map((shard) =>
          queryAll(props, { ...partition(memberKey(incidentId, shard)), ConsistentRead: true }),
        ),
      );
      return pages.flat().map(decodeMember);
    },

    async claimOnce(name, owner, atMs) {
      const put = new PutItemCommand({
        TableName,
        Item: claimItem(name, owner, atMs),
        ConditionExpression: FREE_OR_OURS,
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: owner } },
      });
      return (await isDone(() => client.send(put))) ? 'yours' : 'others';
    },
  };
}

/** What leaves the live ones stands among the closing ones until its report is known to have been sent. */
function indexed(TableName: string, incident: Incident): readonly TransactWriteItem[] {
  const { id, status, messages, notified } = incident;
  switch (status) {
    case 'open':
      return [];
    case 'closing':
      return [
        // Only its own lock: a successor's stays.
        {
          Delete: {
            TableName,
            Key: liveKey(incident),
            ConditionExpression: 'attribute_not_exists(pk) OR body.id = :id',
            ExpressionAttributeValues: { ':id': { S: id } },
          },
        },
        { Put: { TableName, Item: encodeClosing(incident) } },
      ];
    case 'closed':
      return messages === notified ? [{ Delete: { TableName, Key: closingKey(incident) } }] : [];
  }
}

function transact(engine: Engine, TransactItems: TransactWriteItem[]): Promise<boolean> {
  return isCommitted(engine, () => engine.client.send(new TransactWriteItemsCommand({ TransactItems })));
}

function queryAll({ client, table }: Engine, input: Omit<QueryCommandInput, 'TableName'>): Promise<readonly Item[]> {
  return allPages((ExclusiveStartKey) =>
    client.send(new QueryCommand({ TableName: table, ...input, ExclusiveStartKey })),
  );
}

function partition(pk: string) {
  return { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } };
}

async function rangeOfShards(
  engine: Engine,
  keyOf: (shard: number) => string,
  [from, to]: readonly [string, string],
): Promise<readonly Item[]> {
  const pages = await Promise.all(
    SHARD_NUMBERS.map((shard) =>
      queryAll(engine, {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: keyOf(shard) }, ':from': { S: from }, ':to': { S: to } },
        ConsistentRead: true,
      }),
    ),
  );
  return pages.flat();
}

async function headsOf(engine: Engine, ids: readonly IncidentId[]): Promise<readonly Incident[]> {
  return (await getItems(engine, ids.map(headKey))).map(decodeHead);
}

async function putNewer({ client, table }: Engine, item: Item): Promise<void> {
  const put = new PutItemCommand({
    TableName: table,
    Item: item,
    ConditionExpression: NEWER,
    ExpressionAttributeValues: item.version === undefined ? {} : { ':version': item.version },
  });
  await isDone(() => client.send(put));
}
