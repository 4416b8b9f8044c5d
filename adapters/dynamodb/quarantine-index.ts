import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { iso } from '../../core/clock-units.ts';
import { QUARANTINE_REASONS } from '../../core/events/parse-event.ts';
import type { QuarantineFilter, QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import { isDone } from './faults.ts';
import { BY_REASON, decodeQuarantined, quarantinedCodec, REASON_SHARDS, reasonKey } from './quarantine-item.ts';
import { createQuarantineWriter } from './quarantine-writer.ts';
import { tablePages } from './table-pages.ts';

interface QuarantineIndexProps {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}

/** Items of version 2 have no status. */
const WAITING =
  '#status IN (:waiting, :sending) OR (attribute_exists(pk) AND attribute_not_exists(#status) AND attribute_not_exists(redrivenAt))';
const SENDING = '#status = :sending';
/** Sorts before and after every time in ISO 8601. */
const [FIRST, LAST] = ['0', '~'];

/** The index of the quarantine as operators use it: a table, with its records by reason and time. */
export function createQuarantineIndex(props: QuarantineIndexProps): QuarantineIndex {
  const { dynamodb, table } = props;
  return {
    ...createQuarantineWriter(props),

    async read(id) {
      const get = new GetItemCommand({ TableName: table, Key: { pk: { S: id } }, ConsistentRead: true });
      const { Item } = await dynamodb.send(get);
      return Item && decodeQuarantined(Item);
    },

    async *list(filter) {
      for (const reason of filter.reasons ?? QUARANTINE_REASONS) {
        for (const shard of REASON_SHARDS) yield* listShard(props, { ...filter, key: reasonKey(reason, shard) });
      }
    },

    beginSending: (id) =>
      update(props, id, {
        set: 'history = if_not_exists(history, :none)',
        condition: WAITING,
        values: { ':waiting': 'waiting', ':sending': 'sending', ':none': [], ':next': 'sending' },
      }),

    markRepaired: (id, decision) =>
      update(props, id, {
        set: 'history = list_append(history, :line)',
        condition: SENDING,
        values: { ':sending': 'sending', ':line': [decision], ':next': 'repaired' },
      }),

    markDiscarded: (id, decision) =>
      update(props, id, {
        set: 'history = list_append(if_not_exists(history, :none), :line)',
        condition: WAITING,
        values: {
          ':waiting': 'waiting',
          ':sending': 'sending',
          ':none': [],
          ':line': [decision],
          ':next': 'discarded',
        },
      }),
  };
}

async function* listShard(
  { dynamodb, table }: QuarantineIndexProps,
  { key, source, sinceMs, untilMs, statuses }: QuarantineFilter & { readonly key: string },
) {
  const values: Record<string, AttributeValue> = {
    ':key': { S: key },
    ':since': { S: sinceMs === undefined ? FIRST : iso(sinceMs) },
    // Both ends of a range are within it.
    ':until': { S: untilMs === undefined ? LAST : iso(untilMs - 1) },
    ...Object.fromEntries(statuses.map((status, at) => [`:s${at}`, { S: status }])),
    ...(source !== undefined && { ':source': { S: source } }),
  };
  const ofStatus = `#status IN (${statuses.map((_, at) => `:s${at}`).join(', ')})`;
  const older = statuses.includes('waiting')
    ? ' OR (attribute_not_exists(#status) AND attribute_not_exists(redrivenAt))'
    : '';
  const ofSource = source === undefined ? '' : ' AND #source = :source';
  const read = (ExclusiveStartKey: Record<string, AttributeValue> | undefined) =>
    dynamodb.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'byReason',
        KeyConditionExpression: `${BY_REASON.partitionKey} = :key AND ${BY_REASON.sortKey} BETWEEN :since AND :until`,
        FilterExpression: `(${ofStatus}${older})${ofSource}`,
        ExpressionAttributeNames: { '#status': 'status', ...(source !== undefined && { '#source': 'source' }) },
        ExpressionAttributeValues: values,
        ExclusiveStartKey,
      }),
    );
  for await (const { Items = [] } of tablePages(read)) yield* Items.map(decodeQuarantined);
}

interface Change {
  readonly set: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Said again it says the same, or is refused by its condition. */
function update({ dynamodb, table }: QuarantineIndexProps, id: string, change: Change): Promise<boolean> {
  const command = new UpdateItemCommand({
    TableName: table,
    Key: { pk: { S: id } },
    UpdateExpression: `SET #status = :next, schemaVersion = :schemaVersion, ${change.set}`,
    ConditionExpression: change.condition,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: marshall({ ...change.values, ':schemaVersion': quarantinedCodec.schemaVersion }),
  });
  return isDone(() => dynamodb.send(command));
}
