import type { Context, KinesisStreamEvent } from 'aws-lambda';
import type { Handler } from './bundle.ts';

export interface Cost {
  readonly events: number;
  readonly cpuMicros: number;
  readonly seconds: number;
}

/** The batch size of the stack's mapping. */
const BATCH = 200;

/** Nothing but an id and the time that is left is ever read. */
export const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'bench',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
  memoryLimitInMB: '1024',
  awsRequestId: '00000000-0000-0000-0000-000000000000',
  logGroupName: 'bench',
  logStreamName: 'bench',
  getRemainingTimeInMillis: () => 60_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** Hands the lines to a handler as Lambda does, batch after batch, and takes what the process spends on it. */
export async function runBatches(handler: Handler, lines: readonly string[], arrivedMs: number): Promise<Cost> {
  const batches: KinesisStreamEvent[] = [];
  for (let from = 0; from < lines.length; from += BATCH) {
    batches.push(toEvent(lines.slice(from, from + BATCH), { from, arrivedMs }));
  }
  return costOf(lines.length, async () => {
    for (const batch of batches) {
      const { batchItemFailures } = await handler(batch, CONTEXT);
      if (batchItemFailures.length > 0) throw new Error('a record failed: the figures would mean nothing');
    }
  });
}

/** Takes what the process spends on the work of handlers. */
export async function costOf(events: number, work: () => Promise<void>): Promise<Cost> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await silently(work);
  const { user, system } = process.cpuUsage(before);
  return { events, cpuMicros: user + system, seconds: (performance.now() - startedMs) / 1000 };
}

export function sum(...costs: readonly (Cost | undefined)[]): Cost {
  const of = (field: keyof Cost) => costs.reduce((total, cost) => total + (cost?.[field] ?? 0), 0);
  return { events: of('events'), cpuMicros: of('cpuMicros'), seconds: of('seconds') };
}

/** A handler's log lines and metrics are formatted as ever, and thrown away. */
async function silently(work: () => Promise<void>): Promise<void> {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  let lastOutput = '';
  for (const { stream } of streams) {
    stream.write = (text: string | Uint8Array) => {
      lastOutput = String(text);
      return true;
    };
  }
  try {
    await work();
  } catch (error) {
    throw new Error(`a handler failed; its last output: ${lastOutput.slice(0, 2_000)}`, { cause: error });
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
}

function toEvent(
  lines: readonly string[],
  { from, arrivedMs }: { readonly from: number; readonly arrivedMs: number },
): KinesisStreamEvent {
  return {
    Records: lines.map((line, at) => ({
      awsRegion: 'us-east-1',
      eventID: `shardId-000000000000:${from + at}`,
      eventName: 'aws:kinesis:record',
      eventSource: 'aws:kinesis',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bench',
      eventVersion: '1.0',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
      kinesis: {
        approximateArrivalTimestamp: arrivedMs / 1000,
        data: Buffer.from(line).toString('base64'),
        kinesisSchemaVersion: '1.0',
        partitionKey: 'p',
        sequenceNumber: String(from + at),
      },
    })),
  };
}
