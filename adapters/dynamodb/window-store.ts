import {
  BatchExecuteStatementCommand,
  type BatchStatementResponse,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { FoundWindow, InsertOutcome, Replacement, WindowStore } from '../../core/detection/window-store.ts';
import { bug, Fault } from '../../core/fault.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { faultOf, faultOfCode } from '../fault-of.ts';
import { isLostRace } from './faults.ts';
import { decodeWindow, encodeWindow, type WindowItem } from './window-item.ts';

/** A window is written on condition that it is still the one that was read; version 0 is that there is none. */
const UNCHANGED = 'v = :expected';
const ABSENT = 'attribute_not_exists(pk)';
/** DynamoDB takes 25 statements in a batch. */
const STATEMENTS_MAX = 25;
/** Open requests of one batch: below the client's socket limit, enough to keep two cores busy. */
const REQUESTS_PARALLEL = 8;
const THROTTLED = { triesMax: 8, baseMs: 20, capMs: 1_000 };

/**
 * Charge windows in DynamoDB, one item each: `pk`, version `v`, the window's facts as one JSON text `w`, and `ttl` for the
 * table's own clean-up. A window is always read and written whole, and no condition looks into it: one text costs a
 * fraction of the client's time that nested attributes do.
 */
export function createWindowStore({
  client,
  table,
  random,
  sleep,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}): WindowStore {
  const statement = `INSERT INTO "${table}" VALUE {'pk': ?, 'v': ?, 'w': ?, 'ttl': ?}`;

  async function insertBatch(windows: readonly ChargeWindow[]): Promise<readonly InsertOutcome[]> {
    const outcomes: (InsertOutcome | undefined)[] = windows.map(() => undefined);
    for (let attempt = 0; ; attempt++) {
      const pending = [...windows.keys()].filter((at) => outcomes[at] === undefined);
      if (pending.length === 0) break;
      const isLast = attempt + 1 >= THROTTLED.triesMax;
      const answers = await insertOnce(pending.map((at) => windows[at]!)); // `at` is a key of windows
      for (const [index, at] of pending.entries()) outcomes[at] = outcomeOf(answers[index], isLast);
      if (outcomes.includes(undefined)) await sleep(backoffMs(attempt, THROTTLED, random));
    }
    return outcomes.map((outcome) => outcome ?? { failed: bug('an insert without an outcome') });
  }

  /** One request. A fault of the whole request is an answer for each statement: some of them may have been done. */
  async function insertOnce(windows: readonly ChargeWindow[]): Promise<readonly (BatchStatementResponse | Error)[]> {
    const Statements = windows.map((window) => {
      const { pk, v, w, ttl } = encodeWindow(window);
      return { Statement: statement, Parameters: [pk, v, w, ttl] };
    });
    try {
      const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements }));
      return Responses;
    } catch (error) {
      const thrown = error instanceof Error ? error : faultOf(error);
      return windows.map(() => thrown);
    }
  }

  return {
    async insertAll(windows) {
      const batches: (readonly ChargeWindow[])[] = [];
      for (let at = 0; at < windows.length; at += STATEMENTS_MAX) batches.push(windows.slice(at, at + STATEMENTS_MAX));
      const outcomes: InsertOutcome[] = [];
      for (let at = 0; at < batches.length; at += REQUESTS_PARALLEL) {
        const part = await Promise.all(batches.slice(at, at + REQUESTS_PARALLEL).map(insertBatch));
        outcomes.push(...part.flat());
      }
      return outcomes;
    },

    async read(fingerprints, nowMs) {
      return Promise.all(
        fingerprints.map(async (pk): Promise<FoundWindow> => {
          const get = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
          const { Item } = await client.send(get);
          return Item === undefined ? { window: undefined, version: 0 } : decodeWindow(Item, nowMs);
        }),
      );
    },

    async replaceAll(replacements) {
      const puts = replacements.map((replacement) => putOf(table, replacement));
      const [only] = puts;
      if (only === undefined) return 'replaced';
      try {
        if (puts.length === 1) await client.send(new PutItemCommand(only));
        else await client.send(new TransactWriteItemsCommand({ TransactItems: puts.map((Put) => ({ Put })) }));
        return 'replaced';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        // A single put met a running transaction: somebody else is at this window.
        if (error instanceof TransactionConflictException) return 'conflict';
        if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict';
        throw error;
      }
    },
  };
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

function putOf(TableName: string, { window, expectedVersion }: Replacement) {
  const Item: WindowItem = encodeWindow(window);
  if (expectedVersion === 0) return { TableName, Item, ConditionExpression: ABSENT };
  return {
    TableName,
    Item,
    ConditionExpression: UNCHANGED,
    ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
  };
}
