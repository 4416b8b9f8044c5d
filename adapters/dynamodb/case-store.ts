import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry } from '../../core/cases/audit.ts';
import type { Case } from '../../core/cases/case.ts';
import type { CaseStore, Page } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import {
  auditItem,
  auditPrefix,
  caseItem,
  caseKey,
  deadlineKey,
  flagItem,
  flagKey,
  NOT_URGENT,
  SHARDS,
  statusKey,
} from './case-items.ts';
import { isLostRace } from './faults.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';
/** BatchGetItem takes 100 keys. */
const KEYS_MAX = 100;
/** The sharded ones: their keys' names. */
const INDEXES = {
  byStatus: { pk: 'gsi2pk', sk: 'gsi2sk' },
  byDeadline: { pk: 'gsi3pk', sk: 'gsi3sk' },
} as const;

interface PageOf {
  readonly limit: number;
  readonly cursor?: string;
}

/** Flags, cases and audit entries in one table; its stream is the outbox that starts refunds and sends alerts. */
export function createCaseStore({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): CaseStore {
  async function readItems(keys: readonly { pk: string; sk: string }[]) {
    const items = new Map<string, Record<string, unknown>>();
    for (let at = 0; at < keys.length; at += KEYS_MAX) {
      let Keys = [...new Map(keys.slice(at, at + KEYS_MAX).map((key) => [key.pk, key])).values()].map((key) =>
        marshall(key),
      );
      while (Keys.length > 0) {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        for (const item of Responses?.[table] ?? []) items.set(item.pk?.S ?? '', unmarshall(item));
        Keys = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof Keys;
      }
    }
    return items;
  }

  async function queryAll<Item>(input: Omit<QueryCommandInput, 'TableName'>): Promise<readonly Item[]> {
    const items: Item[] = [];
    let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page = await client.send(new QueryCommand({ TableName: table, ...input, ExclusiveStartKey }));
      for (const item of page.Items ?? []) items.push(bodyOf<Item>(unmarshall(item)));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items;
  }

  /** One page over all shards of an index: the same number is read from each, merged, and cut. */
  async function overShards(
    { index, keyOf, forward }: { index: keyof typeof INDEXES; keyOf: (shard: number) => string; forward: boolean },
    { limit, cursor }: PageOf,
  ): Promise<Page<Record<string, unknown>>> {
    const { pk, sk } = INDEXES[index];
    const shards = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: index,
            KeyConditionExpression: cursor ? `${pk} = :pk AND ${sk} ${forward ? '>' : '<'} :after` : `${pk} = :pk`,
            ExpressionAttributeValues: {
              ':pk': { S: keyOf(shard) },
              ...(cursor !== undefined && { ':after': { S: cursor } }),
            },
            ScanIndexForward: forward,
            Limit: limit,
          }),
        ),
      ),
    );
    const found = shards
      .flatMap(({ Items = [] }) => Items)
      .map((item) => unmarshall(item))
      .sort((a, b) => (forward ? 1 : -1) * (a[sk] < b[sk] ? -1 : 1));
    const items = found.slice(0, limit);
    const isMore = found.length > limit || shards.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined);
    const last: string | undefined = items.at(-1)?.[sk];
    return { items, ...(isMore && last !== undefined && { cursor: last }) };
  }

  async function byStatus<Item>(kind: 'case' | 'flag', status: string, page: PageOf): Promise<Page<Item>> {
    const keyOf = (shard: number) => statusKey(kind, status, shard);
    // Cases are listed newest first, flags oldest first.
    const found = await overShards({ index: 'byStatus', keyOf, forward: kind === 'flag' }, page);
    return { ...found, items: found.items.map(bodyOf<Item>) };
  }

  /** The index holds keys alone. What was resolved since it was written is left out. */
  async function byDeadline(page: PageOf): Promise<Page<Case>> {
    const found = await overShards({ index: 'byDeadline', keyOf: deadlineKey, forward: true }, page);
    const keys = found.items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
    const items = await readItems(keys);
    const cases = keys
      .map(({ pk }) => items.get(pk))
      .filter((item) => item !== undefined)
      .map((item) => bodyOf<Case>(item));
    return { ...found, items: cases.filter(({ status }) => status === 'open') };
  }

  return {
    async readFlags(ids) {
      const items = await readItems(ids.map(flagKey));
      return ids.map((id) => {
        const item = items.get(flagKey(id).pk);
        return item && bodyOf<Flag>(item);
      });
    },

    async readCase(id) {
      const get = new GetItemCommand({ TableName: table, Key: marshall(caseKey(id)), ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && bodyOf<Case>(unmarshall(Item));
    },

    async commit(change) {
      const puts = [caseItem(change.case), ...change.flags.map(flagItem), ...change.audit.map(auditItem)];
      const TransactItems = puts.map((item) => ({ Put: putOf(table, item) }));
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems }));
        return 'committed';
      } catch (error) {
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict';
        throw error;
      }
    },

    flagsOf(caseId) {
      return queryAll<Flag>({
        IndexName: 'byCase',
        KeyConditionExpression: 'gsi1pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: caseKey(caseId).pk } },
      });
    },

    auditOf(caseId) {
      return queryAll<AuditEntry>({
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
        ExpressionAttributeValues: { ':pk': { S: caseKey(caseId).pk }, ':audit': { S: auditPrefix } },
        ConsistentRead: true,
      });
    },

    casesByStatus: (status, page) => byStatus<Case>('case', status, page),
    casesByDeadline: byDeadline,
    casesNotUrgent: (page) => byDeadline({ cursor: NOT_URGENT, ...page }),
    flagsByStatus: (status, page) => byStatus<Flag>('flag', status, page),
  };
}

/** Items hold the domain's object beside the keys; only this module and case-items.ts write them. */
function bodyOf<Item>(item: Record<string, unknown>): Item {
  return item.body as Item;
}

/** Version 1 is written where there is none, a later one over the version before it; audit entries only once. */
function putOf(TableName: string, item: { readonly version?: number }) {
  const Item = marshall(item, { removeUndefinedValues: true });
  if (item.version === undefined || item.version === 1) return { TableName, Item, ConditionExpression: ABSENT };
  return {
    TableName,
    Item,
    ConditionExpression: UNCHANGED,
    ExpressionAttributeValues: { ':expected': { N: String(item.version - 1) } },
  };
}
