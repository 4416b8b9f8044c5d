import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { Case } from '../../core/cases/case.ts';
import type { CaseList, CasePageOf, CaseStore, ListedCase, Page } from '../../core/cases/case-store.ts';
import { type FlagIn, type FlagStatus, hasStatus } from '../../core/cases/flag.ts';
import type { Codec } from '../../core/versioned.ts';
import { auditCodec, caseCodec, commentCodec, flagCodec } from './case-codecs.ts';
import {
  auditPrefix,
  caseKey,
  commentItem,
  commentPrefix,
  flagKey,
  itemsOf,
  NOT_URGENT,
  statusKey,
} from './case-items.ts';
import { asCases, countKeys, type ListedKey, listingOf, listKeys } from './case-lists.ts';
import { isLostRace } from './faults.ts';
import { getItems } from './get-items.ts';
import { decodeBody, textOf } from './stored-item.ts';
import { TABLES } from './table-layouts.ts';
import { tablePages } from './table-pages.ts';
import { listWaiting } from './waiting-list.ts';

const ABSENT = 'attribute_not_exists(pk)';
const UNCHANGED = 'version = :expected';

interface Listed<Item> {
  readonly cursor: string;
  readonly found: Item;
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
    const different = new Map(keys.map(({ pk, sk }) => [pk, marshall({ pk, sk })]));
    const items = await getItems({ client, table }, [...different.values()]);
    return new Map(items.map((item) => [textOf(item, 'pk'), item]));
  }

  async function queryAll<Schema extends z.ZodType>(
    codec: Codec<Schema>,
    input: Omit<QueryCommandInput, 'TableName'>,
  ): Promise<readonly z.output<Schema>[]> {
    const items: z.output<Schema>[] = [];
    const found = tablePages((ExclusiveStartKey) =>
      client.send(new QueryCommand({ TableName: table, ...input, ExclusiveStartKey })),
    );
    for await (const { Items = [] } of found) items.push(...Items.map((item) => decodeBody(codec, item)));
    return items;
  }

  /** The indexes hold keys alone, and may lag: what is no longer as the list says is left out. */
  async function listed<Schema extends z.ZodType, Found extends z.output<Schema>>(
    codec: Codec<Schema>,
    page: Page<ListedKey>,
    isListed: (found: z.output<Schema>) => found is Found,
  ): Promise<Page<Listed<Found>>> {
    const items = await readItems(page.items);
    const found = page.items.flatMap(({ pk, cursor }) => {
      const item = items.get(pk);
      if (item === undefined) return [];
      const body = decodeBody(codec, item);
      return isListed(body) ? [{ cursor, found: body }] : [];
    });
    return { ...page, items: found };
  }

  async function listCases(list: CaseList, of: CasePageOf): Promise<Page<ListedCase>> {
    const keys = asCases(await listKeys({ client, table }, listingOf(list), of));
    return listed(caseCodec, keys, (found): found is Case => {
      const { status } = found;
      if (list.by === 'deadline') return status === 'open';
      return list.by !== 'status' || list.status === 'any' || list.status === status;
    });
  }

  return {
    async readFlags(ids) {
      const items = await readItems(ids.map(flagKey));
      return ids.map((id) => {
        const item = items.get(flagKey(id).pk);
        return item && decodeBody(flagCodec, item);
      });
    },

    async readCase(id) {
      const get = new GetItemCommand({ TableName: table, Key: marshall(caseKey(id)), ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && decodeBody(caseCodec, Item);
    },

    async commit(change) {
      const TransactItems = itemsOf(change).map((item) => ({ Put: putOf(table, item) }));
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems }));
        return 'committed';
      } catch (error) {
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict';
        throw error;
      }
    },

    flagsOf(caseId) {
      return queryAll(flagCodec, {
        IndexName: 'byCase',
        KeyConditionExpression: `${TABLES.cases.indexes.byCase.partitionKey} = :pk`,
        ExpressionAttributeValues: { ':pk': { S: caseKey(caseId).pk } },
      });
    },

    auditOf(caseId) {
      return queryAll(auditCodec, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :audit)',
        ExpressionAttributeValues: { ':pk': { S: caseKey(caseId).pk }, ':audit': { S: auditPrefix } },
        ConsistentRead: true,
      });
    },

    async addComment(comment) {
      // A comment that is there is given back as it is: who sends it again gets the first answer.
      const put = new PutItemCommand({
        TableName: table,
        Item: marshall(commentItem(comment)),
        ConditionExpression: ABSENT,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        await client.send(put);
        return comment;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
        return decodeBody(commentCodec, error.Item);
      }
    },

    async commentsOf(caseId) {
      const comments = await queryAll(commentCodec, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :comment)',
        ExpressionAttributeValues: { ':pk': { S: caseKey(caseId).pk }, ':comment': { S: commentPrefix } },
        ConsistentRead: true,
      });
      return comments.toSorted((a, b) => a.atMs - b.atMs);
    },

    listCases,
    casesByStatus: async (status, page) => plain(await listCases({ by: 'status', status }, page)),
    casesNotUrgent: async ({ limit, cursor = NOT_URGENT }) =>
      plain(await listCases({ by: 'deadline' }, { limit, cursor })),

    countFlags: (status, sinceMs) => countKeys({ client, table }, statusKey('flag', status), sinceMs),

    async flagsByStatus<Status extends FlagStatus>(status: Status, page: CasePageOf) {
      const listing = { index: 'byStatus', keys: [statusKey('flag', status)], forward: true } as const;
      const keys = await listKeys({ client, table }, listing, page);
      const found = await listed(flagCodec, keys, (flag): flag is FlagIn<Status> => hasStatus(flag, status));
      return plain(found);
    },

    waitingFlags: (page) => listWaiting({ client, table }, page),
  };
}

function plain<Item>({ items, ...rest }: Page<Listed<Item>>): Page<Item> {
  return { ...rest, items: items.map(({ found }) => found) };
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
