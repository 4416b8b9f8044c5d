import type { Context, DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { contentionLost } from '../../../core/fault.ts';
import { parseDeadLetter } from '../../../core/redrive/dead-letter.ts';
import { eachRecord } from '../../../functions/streams/each-record.ts';
import { streamHandler } from '../../../functions/streams/stream-handler.ts';
import { type LoopbackServer, type Received, serveLoopback } from '../../fixtures/loopback-server.ts';

const functionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:Onecharge-prod-RefundsDispatch1A2B-x';

let bucket: LoopbackServer;
let isBucketUp = true;
const written: Received[] = [];

beforeAll(async () => {
  bucket = await serveLoopback(async (received) => {
    if (!isBucketUp) return { status: 403 };
    written.push(received);
    return { status: 200 };
  });
  vi.stubEnv('AWS_ENDPOINT_URL', bucket.origin);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await bucket.stop();
});
beforeEach(() => {
  written.length = 0;
  isBucketUp = true;
});

function recordOf(what: string): DynamoDBRecord {
  return { eventID: `id-of-${what}`, dynamodb: { SequenceNumber: `sequence-of-${what}`, Keys: { pk: { S: what } } } };
}

/** A function that meets a bug at `bad` and a lost race at `late`. */
function dispatching() {
  const dealt: string[] = [];
  const handler = streamHandler({ kind: 'changes', bucket: 'dead-letters' }, (records: readonly DynamoDBRecord[]) =>
    eachRecord(records, async ({ dynamodb }) => {
      const what = dynamodb?.Keys?.pk?.S ?? '';
      if (what === 'late') throw contentionLost('a case', 12);
      if (what === 'bad') throw new TypeError('flag.windows is not iterable');
      dealt.push(what);
    }),
  );
  const invoke = (names: readonly string[], redriven?: true) =>
    handler({ Records: names.map(recordOf), ...(redriven && { redriven }) }, {
      functionName: 'dispatch',
      invokedFunctionArn: functionArn,
    } as Context);
  return { dealt, invoke };
}

describe('a function that reads a stream', () => {
  it('is not asked again for a record that meets a bug: the record lies where redrive finds it', async () => {
    const { dealt, invoke } = dispatching();
    expect(await invoke(['a', 'bad', 'b'])).toEqual({ batchItemFailures: [] });
    expect(dealt).toEqual(['a', 'b']);
    const [object] = written;
    const key = object?.url.pathname.replace('/dead-letters/', '') ?? '';
    expect(object?.method).toBe('PUT');
    expect(parseDeadLetter(key, object?.body ?? '')).toMatchObject({
      kind: 'dead-letter',
      letter: { source: 'dispatch', functionArn, condition: 'Bug', event: { Records: [recordOf('bad')] } },
    });
  });

  it('is asked again from the first record that met a fault which may pass', async () => {
    const { invoke } = dispatching();
    expect(await invoke(['a', 'late', 'b'])).toEqual({ batchItemFailures: [{ itemIdentifier: 'sequence-of-late' }] });
    expect(written).toEqual([]);
  });

  it('throws where nothing before that record is dealt with, so that the mapping halves the batch', async () => {
    const { invoke } = dispatching();
    await expect(invoke(['late', 'b'])).rejects.toMatchObject({ name: 'RetrySoon' });
  });

  it('is asked again for the batch when the record cannot be written', async () => {
    isBucketUp = false;
    const { invoke } = dispatching();
    await expect(invoke(['a', 'bad'])).rejects.toMatchObject({ name: 'RetryLater', code: 'access-refused' });
  });

  it('fails at a bug when redrive asks, and writes no second letter', async () => {
    const { invoke } = dispatching();
    await expect(invoke(['bad'], true)).rejects.toMatchObject({ name: 'Bug' });
    expect(await invoke(['a', 'bad'], true)).toEqual({ batchItemFailures: [{ itemIdentifier: 'sequence-of-bad' }] });
    expect(written).toEqual([]);
  });
});
