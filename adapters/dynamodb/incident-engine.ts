import {
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
  type QueryCommandOutput,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../core/fault.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { isLostRace } from './faults.ts';
import type { Item } from './stored-item.ts';
import { tablePages } from './table-pages.ts';

const THROTTLED = { triesMax: 8, baseMs: 20, capMs: 1_000 };
/** BatchWriteItem takes 25 items. */
const WRITES_MAX = 25;

/** A table, and what trying again takes. */
export interface Engine {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** The items of all pages. */
export async function allPages(
  read: (from: QueryCommandOutput['LastEvaluatedKey']) => Promise<QueryCommandOutput>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of tablePages(read)) items.push(...Items);
  return items;
}

type Writes = NonNullable<BatchWriteItemCommandOutput['UnprocessedItems']>[string];

/** Puts that overwrite themselves: a repetition changes nothing. */
export async function putAll(
  { table, random, sleep }: Engine,
  items: readonly Item[],
  write: (requests: Writes) => Promise<BatchWriteItemCommandOutput>,
): Promise<void> {
  for (let at = 0; at < items.length; at += WRITES_MAX) {
    let left: Writes = items.slice(at, at + WRITES_MAX).map((Item) => ({ PutRequest: { Item } }));
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === THROTTLED.triesMax)
        throw new Fault('dependency-busy', `${left.length} items were refused ${attempt} times`);
      if (attempt > 0) await sleep(backoffMs(attempt, THROTTLED, random));
      left = (await write(left)).UnprocessedItems?.[table] ?? [];
    }
  }
}

/** False when somebody else was first; a conflict of two transactions that decides nothing is tried again. */
export async function isCommitted({ random, sleep }: Engine, write: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      await write();
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException) || !isLostRace(error)) throw error;
      const isDecided = error.CancellationReasons?.some(({ Code }) => Code === 'ConditionalCheckFailed') ?? false;
      if (isDecided || attempt >= THROTTLED.triesMax) return false;
      await sleep(backoffMs(attempt, THROTTLED, random));
    }
  }
}
