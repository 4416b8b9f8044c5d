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
import { auditItem, auditPrefix, caseItem, caseKey, flagItem, flagKey, SHARDS, statusKey } from './case-items.ts';
import { isLostRace } from './faults.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';
/** BatchGetItem takes 100 keys. */
const KEYS_MAX = 100;

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

  /** One page over all shards of a status: the same number is read from each, merged, and cut. */
  async function byStatus<Item extends { readonly id: string }>(
    { kind, status, forward }: { kind: 'case' | 'flag'; status: string; forward: boolean },
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Item>> {
    const shards = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'byStatus',
            KeyConditionExpression: cursor ? `gsi2pk = :pk AND gsi2sk ${forward ? '>' : '<'} :after` : 'gsi2pk = :pk',
            ExpressionAttributeValues: {
              ':pk': { S: statusKey(kind, status, shard) },
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
      .sort((a, b) => (forward ? 1 : -1) * (a.gsi2sk < b.gsi2sk ? -1 : 1));
    const items = found.slice(0, limit);
    const isMore = found.length > limit || shards.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined);
    const last: string | undefined = items.at(-1)?.gsi2sk;
    return { items: items.map(bodyOf<Item>), ...(isMore && last !== undefined && { cursor: last }) };
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

    casesByStatus: (status, page) => byStatus<Case>({ kind: 'case', status, forward: false }, page),
    flagsByStatus: (status, page) => byStatus<Flag>({ kind: 'flag', status, forward: true }, page),
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
