import { setTimeout as sleep } from 'node:timers/promises';
import type { FileRecord } from '../adapters/files/event-file.ts';
import { putTo } from '../adapters/kinesis/stream.ts';
import type { Ms } from '../core/brands.ts';
import { backoffMs } from '../core/retry.ts';
import { UserError } from '../core/user-error.ts';

export type StreamRecord = Pick<FileRecord, 'bytes' | 'partitionKey'>;

/** Puts one batch; answers with one entry for each record in its order, an error code where it was not taken. */
export type PutBatch = (batch: readonly StreamRecord[]) => Promise<readonly (string | undefined)[]>;

export interface PutOptions {
  readonly put: PutBatch;
  readonly sleep: (ms: Ms) => Promise<unknown>;
  /** From 0 to 1, for the jitter of the waits. */
  readonly random: () => number;
  readonly onPut?: (recordsSoFar: number) => void;
  /** Records a second; without it as fast as the stream takes them. */
  readonly rate?: number | undefined;
}

/** Limits of one PutRecords request; partition keys count. */
export const BATCH_RECORDS_MAX = 500;
export const BATCH_BYTES_MAX = 5 * 1024 * 1024;
/** Full jitter from 100 ms doubles up to 5 s a wait: ten tries outlast a stream that doubles its shards. */
const BACKOFF = { triesMax: 10, baseMs: 100, capMs: 5_000 };

/**
 * Puts all records in their order, one batch at a time: what a batch could not place is tried again, in order, before
 * the next one starts. Records are delivered at least once; a lost answer sends some twice.
 *
 * @returns how many records the stream took
 * @throws UserError when the stream keeps refusing
 */
export async function putRecords(records: AsyncIterable<StreamRecord>, options: PutOptions): Promise<number> {
  let count = 0;
  const batchMax = Math.min(BATCH_RECORDS_MAX, Math.max(1, options.rate ?? BATCH_RECORDS_MAX));
  for await (const batch of inBatches(records, batchMax)) {
    await putWhole(batch, options);
    count += batch.length;
    options.onPut?.(count);
    if (options.rate !== undefined) await options.sleep((batch.length / options.rate) * 1000);
  }
  return count;
}

/** Returns what puts a few records on a stream, as `putRecords` does. */
export function streamPut(
  kinesis: Parameters<typeof putTo>[0],
  streamName: string,
): (records: readonly StreamRecord[]) => Promise<void> {
  const put = putTo(kinesis, streamName);
  return async (records) => {
    await putRecords(fromArray(records), { put, sleep, random: Math.random });
  };
}

async function* fromArray(records: readonly StreamRecord[]) {
  yield* records;
}

async function putWhole(batch: readonly StreamRecord[], { put, sleep, random }: PutOptions): Promise<void> {
  let left = batch;
  let lastError = '';
  for (let tries = 0; tries < BACKOFF.triesMax; tries++) {
    const errors = await put(left);
    left = left.filter((_, index) => errors[index] !== undefined);
    if (left.length === 0) return;
    lastError = errors.find((error) => error !== undefined) ?? '';
    await sleep(backoffMs(tries, BACKOFF, random));
  }
  throw new UserError(
    `The stream refused ${left.length} records ${BACKOFF.triesMax} times (${lastError}); try again with --rate`,
  );
}

async function* inBatches(records: AsyncIterable<StreamRecord>, recordsMax: number): AsyncGenerator<StreamRecord[]> {
  let batch: StreamRecord[] = [];
  let bytes = 0;
  for await (const record of records) {
    const size = record.bytes.byteLength + Buffer.byteLength(record.partitionKey);
    if (batch.length === recordsMax || (batch.length > 0 && bytes + size > BATCH_BYTES_MAX)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
