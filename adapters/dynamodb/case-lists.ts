import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { asCaseId, type Ms } from '../../core/brands.ts';
import type { CaseList, CasePageOf, Page } from '../../core/cases/case-store.ts';
import { iso } from '../../core/clock-units.ts';
import { caseKey, flagPrefix, INDEXES, type IndexName, shardsOf, statusKey } from './case-items.ts';

/** One list: an index, its keys before they are sharded, and the direction in which it is read. */
export interface Listing {
  readonly index: IndexName;
  readonly keys: readonly string[];
  readonly forward: boolean;
}

export interface ListedKey {
  readonly pk: string;
  readonly sk: string;
  /** The sort key in the list, at which to read on. */
  readonly cursor: string;
}

/** Below and above all sort keys. */
const FIRST = '0';
const LAST = '~';
/** The two words of a flag's sort key that are its case's: when it was opened, and its id. */
const CASE_SORT_KEY = /^[^#]*#([^#]*)/;

export function listingOf(list: CaseList): Listing {
  switch (list.by) {
    case 'deadline':
      return { index: 'byDeadline', keys: ['deadline'], forward: true };
    case 'status': {
      const statuses = list.status === 'any' ? ['open', 'resolved'] : [list.status];
      return { index: 'byStatus', keys: statuses.map((status) => statusKey('case', status)), forward: false };
    }
    case 'merchant':
      return { index: 'byMerchant', keys: [list.merchant], forward: false };
    case 'payer':
      return { index: 'byPayer', keys: [list.payer], forward: false };
    case 'order':
      return { index: 'byOrder', keys: [list.order], forward: false };
    case 'charge':
      return { index: 'byCharge', keys: [list.chargeId], forward: false };
  }
}

/**
 * One page of keys over all shards of a list, merged. From each shard somewhat more is read than its part; what lies
 * beyond the end of what some shard has told is left to the next page. So nothing is passed over, and nothing before the
 * cursor is read again, whatever is written meanwhile.
 */
export async function listKeys(
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
  { index, keys, forward }: Listing,
  { limit, cursor, fromMs, toMs }: CasePageOf,
): Promise<Page<ListedKey>> {
  const { partitionKey: pk, sortKey: sk, shards } = INDEXES[index];
  const low = max(fromMs === undefined ? FIRST : iso(fromMs), forward ? cursor : undefined);
  const high = min(toMs === undefined ? LAST : iso(toMs), forward ? undefined : cursor);
  if (low > high) return { items: [] };
  const part = Math.min(limit, Math.ceil((2 * limit) / (shards * keys.length)) + 4);
  const query = async (key: string) => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: `${pk} = :pk AND ${sk} BETWEEN :low AND :high`,
        ExpressionAttributeValues: { ':pk': { S: key }, ':low': { S: low }, ':high': { S: high } },
        ScanIndexForward: forward,
        // What is at the cursor is found again.
        Limit: part + 1,
      }),
    );
    const found = Items.map((item) => unmarshall(item)).map((item) => ({ ...keyOf(item), cursor: String(item[sk]) }));
    return { found, end: LastEvaluatedKey && String(unmarshall(LastEvaluatedKey)[sk]) };
  };
  const answers = await Promise.all(keys.flatMap((key) => shardsOf(index, key)).map(query));
  const isAfter = (a: string, b: string) => (forward ? a > b : a < b);
  const ends = answers.flatMap(({ end }) => end ?? []);
  const known = answers
    .flatMap(({ found }) => found)
    .filter((each) => each.cursor !== cursor && !ends.some((end) => isAfter(each.cursor, end)))
    .sort((a, b) => (isAfter(a.cursor, b.cursor) ? 1 : -1));
  const items = known.slice(0, limit);
  const isMore = ends.length > 0 || known.length > limit;
  // Whose end is the nearest has told a key that is at it: where there is more, the page is not empty.
  const last = items.at(-1);
  return { items, cursor: isMore ? last?.cursor : undefined };
}

/** Keys of a status from a time on, in one page of each shard: some 100,000 in all, or at least so many. */
export async function countKeys(
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
  key: string,
  sinceMs: Ms,
): Promise<number> {
  const pages = await Promise.all(
    shardsOf('byStatus', key).map((shard) =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'byStatus',
          Select: 'COUNT',
          KeyConditionExpression: `${INDEXES.byStatus.partitionKey} = :pk AND ${INDEXES.byStatus.sortKey} >= :since`,
          ExpressionAttributeValues: { ':pk': { S: shard }, ':since': { S: iso(sinceMs) } },
        }),
      ),
    ),
  );
  return pages.reduce((sum, { Count = 0 }) => sum + Count, 0);
}

/** A flag in a list of cases stands for its case, which is then listed once. */
export function asCases({ items, cursor }: Page<ListedKey>): Page<ListedKey> {
  const cases = [...new Map(items.map(caseOf).map((key) => [key.pk, key])).values()];
  return { items: cases, cursor: cursor === undefined ? undefined : cases.at(-1)?.cursor };
}

function caseOf(key: ListedKey): ListedKey {
  const [sortKey, id] = CASE_SORT_KEY.exec(key.cursor) ?? [];
  return key.pk.startsWith(flagPrefix) && sortKey !== undefined && id !== undefined
    ? { ...caseKey(asCaseId(id)), cursor: sortKey }
    : key;
}

function keyOf({ pk, sk }: Record<string, unknown>) {
  return { pk: String(pk), sk: String(sk) };
}

function max(a: string, b: string | undefined): string {
  return b !== undefined && b > a ? b : a;
}

function min(a: string, b: string | undefined): string {
  return b !== undefined && b < a ? b : a;
}
