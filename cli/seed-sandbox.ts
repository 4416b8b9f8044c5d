import { setTimeout as sleep } from 'node:timers/promises';
import { BatchExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import { convertToAttr } from '@aws-sdk/util-dynamodb';
import { encodeBookedCharge, sandboxMovement } from '../adapters/gateways/sandbox-items.ts';
import { backoffMs } from '../core/retry.ts';
import type { Aws } from './aws.ts';
import type { BookEntry } from './sandbox-books.ts';

/** Statements of one BatchExecuteStatement request. */
const BATCH_MAX = 25;
const PARALLEL = 8;
const BACKOFF = { triesMax: 8, baseMs: 50, capMs: 10_000 };

/**
 * Tells the sandbox processor of the charges it is to have captured. Insert-if-absent: a second replay of the same file
 * must not make the processor forget what it has refunded since.
 */
export async function seedSandbox(aws: Aws, tableName: string, entries: readonly BookEntry[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(entries.length / BATCH_MAX) }, (_, index) =>
    entries.slice(index * BATCH_MAX, (index + 1) * BATCH_MAX),
  );
  const next = batches.values();
  const worker = async () => {
    for (const batch of next) await insertBatch(aws, tableName, batch);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}

async function insertBatch({ dynamo }: Aws, tableName: string, batch: readonly BookEntry[]): Promise<void> {
  let left = batch;
  for (let tries = 0; tries < BACKOFF.triesMax; tries++) {
    const Statements = left.map((entry) => toInsert(tableName, entry));
    const { Responses = [] } = await dynamo.send(new BatchExecuteStatementCommand({ Statements }));
    const codes = Responses.map(({ Error: error }) => error?.Code);
    left = left.filter((_, index) => codes[index] !== undefined && codes[index] !== 'DuplicateItem');
    if (left.length === 0) return;
    await sleep(backoffMs(tries, BACKOFF, Math.random));
  }
  throw new Error(`the sandbox's books refused ${left.length} charges`);
}

function toInsert(tableName: string, { charge, refundedMinor, state }: BookEntry) {
  const { amountMinor, currency, merchant, order, payer } = charge;
  const known = { movement: sandboxMovement(charge), merchant, order, payer };
  const item = encodeBookedCharge(charge, { amountMinor, currency, refundedMinor, state, ...known });
  const members = Object.entries(item).filter(([, value]) => value !== undefined);
  return {
    Statement: `INSERT INTO "${tableName}" VALUE {${members.map(([name]) => `'${name}': ?`).join(', ')}}`,
    Parameters: members.map(([, value]) => convertToAttr(value)),
  };
}
