import {
  BatchExecuteStatementCommand,
  type BatchStatementResponse,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import type { InsertOutcome } from '../../core/detection/window-store.ts';
import { bug, Fault } from '../../core/fault.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { faultOf, faultOfCode } from '../fault-of.ts';

/**
 * An item of the Charges table: key, version, all facts as one JSON text, and the time for the table's own clean-up. An
 * item is always read and written whole, and no condition looks into its text: one text costs a fraction of the client's
 * time that nested attributes do.
 */
export interface ChargeItem {
  readonly pk: string;
  readonly version: number;
  /** Of a window: what claims are conditional on beside records. */
  readonly decisiveVersion?: number;
  readonly facts: string;
  readonly ttl: number;
}

export interface ChargesTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** An item is written on condition that it is still the one that was read; version 0 is that there is none. */
const UNCHANGED = 'v = :expected';
const ABSENT = 'attribute_not_exists(pk)';
/** DynamoDB takes 25 statements in a batch. */
const STATEMENTS_MAX = 25;
/** Open requests of one batch: below the client's socket limit, enough to keep two cores busy. */
const REQUESTS_PARALLEL = 8;
const THROTTLED = { triesMax: 8, baseMs: 20, capMs: 1_000 };

/** Inserts items whose keys differ, each if its key is free. See the ports for what the outcomes mean. */
export async function insertItems(items: readonly ChargeItem[], to: ChargesTable): Promise<readonly InsertOutcome[]> {
  const batches: (readonly ChargeItem[])[] = [];
  for (let at = 0; at < items.length; at += STATEMENTS_MAX) batches.push(items.slice(at, at + STATEMENTS_MAX));
  const outcomes: InsertOutcome[] = [];
  for (let at = 0; at < batches.length; at += REQUESTS_PARALLEL) {
    const parallel = batches.slice(at, at + REQUESTS_PARALLEL).map((batch) => insertBatch(batch, to));
    outcomes.push(...(await Promise.all(parallel)).flat());
  }
  return outcomes;
}

/** Writes the item on its expected version. Running it again meets a version that it has moved itself: a conflict. */
export async function replaceItem(
  item: ChargeItem,
  expectedVersion: number,
  { client, table }: Pick<ChargesTable, 'client' | 'table'>,
): Promise<'replaced' | 'conflict'> {
  try {
    await client.send(new PutItemCommand(putOf(item, expectedVersion, table)));
    return 'replaced';
  } catch (error) {
    // A put that met a running transaction: another worker is at this item.
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) {
      return 'conflict';
    }
    throw error;
  }
}

/** The conditional put of an item, alone or as a member of a transaction. */
export function putOf(item: ChargeItem, expectedVersion: number, TableName: string) {
  const Item = attributesOf(item);
  if (expectedVersion === 0) return { TableName, Item, ConditionExpression: ABSENT };
  return {
    TableName,
    Item,
    ConditionExpression: UNCHANGED,
    ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
  };
}

/** The item as DynamoDB stores it. */
export function attributesOf({ pk, version, decisiveVersion, facts, ttl }: ChargeItem) {
  return {
    pk: { S: pk },
    v: { N: String(version) },
    ...(decisiveVersion !== undefined && { d: { N: String(decisiveVersion) } }),
    f: { S: facts },
    ttl: { N: String(ttl) },
  };
}

async function insertBatch(items: readonly ChargeItem[], to: ChargesTable): Promise<readonly InsertOutcome[]> {
  const outcomes: (InsertOutcome | undefined)[] = items.map(() => undefined);
  for (let attempt = 0; ; attempt++) {
    const pending = [...items.keys()].filter((at) => outcomes[at] === undefined);
    if (pending.length === 0) break;
    const isLast = attempt + 1 >= THROTTLED.triesMax;
    const answers = await insertOnce(
      pending.map((at) => items[at]!), // `at` is a key of items
      to,
    );
    for (const [index, at] of pending.entries()) outcomes[at] = outcomeOf(answers[index], isLast);
    if (outcomes.includes(undefined)) await to.sleep(backoffMs(attempt, THROTTLED, to.random));
  }
  return outcomes.map((outcome) => outcome ?? { failed: bug('an insert without an outcome') });
}

/** One request. A fault of the whole request is an answer for each statement: some of them may have been done. */
async function insertOnce(
  items: readonly ChargeItem[],
  { client, table }: ChargesTable,
): Promise<readonly (BatchStatementResponse | Error)[]> {
  const Statements = items.map((item) => {
    const attributes = attributesOf(item);
    const names = Object.keys(attributes).map((name) => `'${name}': ?`);
    return {
      Statement: `INSERT INTO "${table}" VALUE {${names.join(', ')}}`,
      Parameters: Object.values(attributes),
    };
  });
  try {
    const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }));
    return Responses;
  } catch (error) {
    const thrown = error instanceof Error ? error : faultOf(error);
    return items.map(() => thrown);
  }
}

/** `DuplicateItem` says that the item exists; after what may pass soon it is tried again; the rest fails its record. */
function outcomeOf(answer: BatchStatementResponse | Error | undefined, isLast: boolean): InsertOutcome | undefined {
  if (answer === undefined) return { failed: new Fault('dependency-unavailable', 'a statement got no answer') };
  const code = answer instanceof Error ? answer.name : answer.Error?.Code;
  if (code === undefined) return 'inserted';
  if (code === 'DuplicateItem') return 'exists';
  const fault = answer instanceof Error ? faultOf(answer) : faultOfCode(code, answer.Error?.Message ?? 'no message');
  const mayPass = fault.retry === 'soon' || fault.code === 'dependency-unavailable';
  return mayPass && !isLast ? undefined : { failed: fault };
}
