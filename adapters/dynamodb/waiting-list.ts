import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Page, PageOf, WaitingFlag } from '../../core/cases/case-store.ts';
import { asksApprover } from '../../core/cases/flag-history.ts';
import { flagCodec } from './case-codecs.ts';
import { statusKey, WAITING } from './case-items.ts';
import { type ListedKey, listKeys } from './case-lists.ts';
import { getItems } from './get-items.ts';
import { decodeBody, type Item, textOf } from './stored-item.ts';
import { TABLES } from './table-layouts.ts';

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Comes after each score: flags that were stored before they had one stand there, oldest first. */
const UNSCORED = '101#';
/** Flags looked at in one go for those without a score. */
const LOOKED_AT = 100;

/**
 * One page of the flags that wait for an approver: by the index of scores, and after its end those that were stored before
 * it. A flag gets its score with its next write, so the second part empties with time.
 */
export async function listWaiting(on: Table, { limit, cursor }: PageOf): Promise<Page<WaitingFlag>> {
  if (cursor?.startsWith(UNSCORED)) return listUnscored(on, { limit, cursor: cursor.slice(UNSCORED.length) });
  const keys = await listKeys(on, { index: 'byScore', keys: [WAITING], forward: true }, { limit, cursor });
  const scored = (await itemsAt(on, keys.items)).flatMap(({ item }) => waitingIn(item));
  const last = keys.items.at(-1)?.cursor;
  if (keys.cursor !== undefined || keys.items.length >= limit) return { items: scored, cursor: keys.cursor ?? last };
  const unscored = await listUnscored(on, { limit: limit - keys.items.length });
  return { ...unscored, items: [...scored, ...unscored.items] };
}

async function listUnscored(on: Table, { limit, cursor }: PageOf): Promise<Page<WaitingFlag>> {
  const statuses = [statusKey('flag', 'held'), statusKey('flag', 'expired')];
  const listing = { index: 'byStatus', keys: statuses, forward: true } as const;
  const keys = await listKeys(on, listing, { limit: Math.max(limit, LOOKED_AT), cursor });
  const unscored = (await itemsAt(on, keys.items)).filter(
    ({ item }) => !(TABLES.cases.indexes.byScore.partitionKey in item),
  );
  const found = unscored.flatMap(({ item, key }) => waitingIn(item).map((flag) => ({ flag, key })));
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)?.key.cursor : keys.cursor;
  return { items: items.map(({ flag }) => flag), cursor: next === undefined ? undefined : UNSCORED + next };
}

/** The items behind the keys, in their order. The index may lag: an item that is gone is left out. */
async function itemsAt({ client, table }: Table, keys: readonly ListedKey[]) {
  const items = await getItems(
    { client, table },
    keys.map(({ pk, sk }) => marshall({ pk, sk })),
  );
  const byKey = new Map(items.map((item) => [textOf(item, 'pk'), item]));
  return keys.flatMap((key) => {
    const item = byKey.get(key.pk);
    return item === undefined ? [] : [{ key, item }];
  });
}

/** The flag, if it still waits. */
function waitingIn(item: Item): readonly WaitingFlag[] {
  const flag = decodeBody(flagCodec, item);
  return asksApprover(flag) ? [flag] : [];
}
