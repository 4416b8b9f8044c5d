import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../core/fault.ts';
import type { Item } from './stored-item.ts';

/** BatchGetItem takes 100 keys. */
const KEYS_MAX = 100;
/** A table that leaves keys unread five times is under load: the caller's own retry waits. */
const ASKS_MAX = 5;

/**
 * Reads the items of different keys, consistently, in any order. Leaves out keys that have no item.
 *
 * @throws {Fault} `dependency-busy` when the table leaves keys unread again and again
 */
export async function getItems(
  { client, table }: { readonly client: DynamoDBClient; readonly table: string },
  keys: readonly Item[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let at = 0; at < keys.length; at += KEYS_MAX) {
    let Keys = keys.slice(at, at + KEYS_MAX);
    for (let asks = 0; Keys.length > 0; asks++) {
      if (asks === ASKS_MAX) throw new Fault('dependency-busy', `table ${table} left ${Keys.length} keys unread`);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return items;
}
