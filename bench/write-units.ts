import * as z from 'zod';

/** Attributes in DynamoDB's own form. */
export type Item = Readonly<Record<string, unknown>>;

/** One member of a request that DynamoDB bills as a write. */
export interface ItemWrite {
  readonly kind: 'insert' | 'put' | 'update' | 'delete' | 'check';
  readonly table: string;
  /** The key, or the whole item of an insert or a put. */
  readonly item: Item;
  readonly isTransactional: boolean;
}

export interface TableShape {
  readonly keys: readonly string[];
  readonly indexes: readonly { readonly keys: readonly string[]; readonly isKeysOnly: boolean }[];
}

const UNIT_BYTES = 1024;
const TRANSACTION_FACTOR = 2;
const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems', 'DescribeTable'];

const attributes = z.record(z.string(), z.unknown());
const put = z.object({ TableName: z.string(), Item: attributes });
const keyed = z.object({ TableName: z.string(), Key: attributes });
const transaction = z.object({
  TransactItems: z.array(
    z.union([
      z.strictObject({ Put: put }),
      z.strictObject({ Update: keyed }),
      z.strictObject({ Delete: keyed }),
      z.strictObject({ ConditionCheck: keyed }),
    ]),
  ),
});
const statements = z.object({
  Statements: z.array(z.object({ Statement: z.string(), Parameters: z.array(z.unknown()) })),
});
const batch = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.union([
        z.strictObject({ PutRequest: z.object({ Item: attributes }) }),
        z.strictObject({ DeleteRequest: z.object({ Key: attributes }) }),
      ]),
    ),
  ),
});

/** Returns what a request writes and checks, in its order. An operation that the product does not use is a bug here. */
export function writesOf(operation: string, request: unknown): readonly ItemWrite[] {
  switch (operation) {
    case 'PutItem':
      return [putOf(put.parse(request), false)];
    case 'UpdateItem':
      return [keyedOf('update', keyed.parse(request), false)];
    case 'DeleteItem':
      return [keyedOf('delete', keyed.parse(request), false)];
    case 'TransactWriteItems':
      return transaction.parse(request).TransactItems.map((member) => {
        if ('Put' in member) return putOf(member.Put, true);
        if ('Update' in member) return keyedOf('update', member.Update, true);
        if ('Delete' in member) return keyedOf('delete', member.Delete, true);
        return keyedOf('check', member.ConditionCheck, true);
      });
    case 'BatchExecuteStatement':
      return statements.parse(request).Statements.map(insertOf);
    case 'BatchWriteItem':
      return Object.entries(batch.parse(request).RequestItems).flatMap(([TableName, members]) =>
        members.map((member) =>
          'PutRequest' in member
            ? putOf({ TableName, Item: member.PutRequest.Item }, false)
            : keyedOf('delete', { TableName, Key: member.DeleteRequest.Key }, false),
        ),
      );
    default:
      if (READS.includes(operation)) return [];
      throw new Error(`bug: the meter does not count ${operation}`);
  }
}

function putOf({ TableName: table, Item: item }: z.output<typeof put>, isTransactional: boolean): ItemWrite {
  return { kind: 'put', table, item, isTransactional };
}

function keyedOf(
  kind: 'update' | 'delete' | 'check',
  { TableName: table, Key: item }: z.output<typeof keyed>,
  isTransactional: boolean,
): ItemWrite {
  return { kind, table, item, isTransactional };
}

function insertOf({ Statement, Parameters }: z.output<typeof statements>['Statements'][number]): ItemWrite {
  const [, table] = /^INSERT INTO "([^"]+)" VALUE \{/.exec(Statement) ?? [];
  if (table === undefined) throw new Error(`bug: the meter does not count ${Statement}`);
  const names = [...Statement.matchAll(/'(\w+)': \?/g)].map(([, name = '']) => name);
  const item = Object.fromEntries(names.map((name, at) => [name, Parameters[at]]));
  return { kind: 'insert', table, item, isTransactional: false };
}

/**
 * Units of one write by the published rule: 1 for each KB of the item as it was or as it is, whichever is larger, in a
 * transaction 2, for a check as for a write. A condition that fails costs what the item costs that is there.
 */
export function unitsOfItem(
  { isTransactional }: Pick<ItemWrite, 'isTransactional'>,
  { before, after }: { readonly before: Item | undefined; readonly after: Item | undefined },
): number {
  const units = unitsOf(Math.max(sizeOf(before ?? {}), sizeOf(after ?? {})));
  return units * (isTransactional ? TRANSACTION_FACTOR : 1);
}

/** Units of the indexes, which are written after the transaction: an entry whose key changes is deleted and written anew. */
export function unitsOfIndexes(
  { keys, indexes }: TableShape,
  { before, after }: { readonly before: Item | undefined; readonly after: Item | undefined },
): number {
  let units = 0;
  for (const index of indexes) {
    const names = index.isKeysOnly ? [...keys, ...index.keys] : undefined;
    const [old, next] = [before, after].map((item) => entryOf(item, index.keys, names));
    if (JSON.stringify(old) === JSON.stringify(next)) continue;
    const isSameKey = old && next && index.keys.every((name) => sameValue(old[name], next[name]));
    if (isSameKey) units += unitsOf(Math.max(sizeOf(old), sizeOf(next)));
    else for (const entry of [old, next]) units += entry === undefined ? 0 : unitsOf(sizeOf(entry));
  }
  return units;
}

function entryOf(
  item: Item | undefined,
  indexKeys: readonly string[],
  names: readonly string[] | undefined,
): Item | undefined {
  if (item === undefined || indexKeys.some((name) => item[name] === undefined)) return undefined;
  return pick(item, names ?? Object.keys(item).sort());
}

export function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / UNIT_BYTES));
}

/** Returns the bytes that DynamoDB bills: names and text as UTF-8, a number by its digits, a list or map with its overhead. */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

function bytesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const [type, content] = Object.entries(value)[0] ?? [];
  if (type === 'S' && typeof content === 'string') return Buffer.byteLength(content);
  if (type === 'N' && typeof content === 'string') return Math.ceil(content.length / 2) + 1;
  if (type === 'B' && typeof content === 'string') return Buffer.byteLength(content, 'base64');
  if (type === 'B' && content instanceof Uint8Array) return content.byteLength;
  if (type === 'L' && Array.isArray(content)) return 3 + content.reduce((sum, each) => sum + 1 + bytesOf(each), 0);
  if (type === 'SS' && Array.isArray(content)) return content.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (type === 'M' && typeof content === 'object' && content !== null) {
    return 3 + Object.entries(content).reduce((sum, [name, each]) => sum + 1 + name.length + bytesOf(each), 0);
  }
  return 1;
}
