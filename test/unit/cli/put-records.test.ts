import { describe, expect, test } from 'vitest';
import {
  BATCH_BYTES_MAX,
  BATCH_RECORDS_MAX,
  type PutBatch,
  putRecords,
  type StreamRecord,
} from '../../../cli/put-records.ts';

function record(name: string, bytes = 1): StreamRecord {
  return { bytes: new Uint8Array(bytes), partitionKey: name };
}

async function* stream(records: readonly StreamRecord[]) {
  yield* records;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `r${index}`);
}

/** A stream that takes what `refuses` lets through, and remembers in which order. */
function kinesis(refuses: (name: string, batch: number) => boolean = () => false) {
  const batches: string[][] = [];
  const taken: string[] = [];
  const waits: number[] = [];
  const put: PutBatch = async (batch) => {
    const index = batches.push(batch.map(({ partitionKey }) => partitionKey)) - 1;
    return batch.map(({ partitionKey }) => {
      if (refuses(partitionKey, index)) return 'ProvisionedThroughputExceededException';
      taken.push(partitionKey);
      return undefined;
    });
  };
  const sleep = async (ms: number) => waits.push(ms);
  return { batches, taken, waits, options: { put, sleep, random: () => 1 } };
}

describe('records', () => {
  test('travel in batches of at most 500, in order', async () => {
    const { batches, taken, options } = kinesis();
    const sent = await putRecords(stream(names(1_201).map((name) => record(name))), options);
    expect(sent).toBe(1_201);
    expect(batches.map((batch) => batch.length)).toEqual([BATCH_RECORDS_MAX, BATCH_RECORDS_MAX, 201]);
    expect(taken).toEqual(names(1_201));
  });

  test('travel in batches of at most 5 MiB, keys included', async () => {
    const { batches, options } = kinesis();
    await putRecords(stream(names(7).map((name) => record(name, BATCH_BYTES_MAX / 5))), options);
    expect(batches.map((batch) => batch.length)).toEqual([4, 3]);
  });

  test('that were refused are tried again alone and in order before any later batch', async () => {
    const refused = new Set(['r1', 'r3']);
    const { batches, taken, waits, options } = kinesis((name, batch) => batch < 2 && refused.has(name));
    await putRecords(stream(names(502).map((name) => record(name))), options);
    expect(batches.slice(1)).toEqual([
      ['r1', 'r3'],
      ['r1', 'r3'],
      ['r500', 'r501'],
    ]);
    expect(taken).toHaveLength(502);
    expect(waits).toEqual([100, 200]);
  });

  test('that are refused for ever end the replay with what to do', async () => {
    const { batches, options } = kinesis((name) => name === 'r0');
    await expect(putRecords(stream([record('r0')]), options)).rejects.toThrow(/refused 1 records 10 times .*--rate/);
    expect(batches).toHaveLength(10);
  });

  test('keep to a rate', async () => {
    const { batches, waits, options } = kinesis();
    await putRecords(stream(names(250).map((name) => record(name))), { ...options, rate: 100 });
    expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(waits).toEqual([1_000, 1_000, 500]);
  });

  test('that are none send nothing', async () => {
    const { batches, options } = kinesis();
    expect(await putRecords(stream([]), options)).toBe(0);
    expect(batches).toEqual([]);
  });
});
