import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { CreateStreamCommand, DeleteStreamCommand, DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
} from '@aws-sdk/client-lambda';
import type { Aws } from '../cli/aws.ts';

export interface NoopConsumer {
  readonly streamName: string;
  /** Records that the function has been handed so far. */
  received(): number;
  remove(): Promise<void>;
}

/** As the stack's mapping has them locally. */
const BATCH_SIZE = 200;
const SHARDS = 2;
const NAME = 'onecharge-bench-noop';
/** The emulator runs functions as processes of this machine: one byte a record into a file is all that they do. */
const CODE = `import { appendFileSync } from 'node:fs';
export const handler = async ({ Records }) => {
  appendFileSync(process.env.SEEN_FILE, '.'.repeat(Records.length));
  return { batchItemFailures: [] };
};
`;

/** A stream and a function that does nothing: what is left of the time is the emulator's. */
export async function createNoopConsumer({ kinesis, lambda }: Aws): Promise<NoopConsumer> {
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-noop-'));
  const receivedFile = join(folder, 'received');
  writeFileSync(receivedFile, '');
  await kinesis.send(new CreateStreamCommand({ StreamName: NAME, ShardCount: SHARDS }));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/bench',
      Handler: 'index.handler',
      Code: { ZipFile: zipOf('index.mjs', Buffer.from(CODE)) },
      Timeout: 60,
      Environment: { Variables: { SEEN_FILE: receivedFile } },
    }),
  );
  const stream = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: NAME }));
  const mapping = await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: NAME,
      EventSourceArn: stream.StreamDescriptionSummary?.StreamARN,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: BATCH_SIZE,
    }),
  );
  // The emulator notes a mapping's position at its next look; what is put before that may be passed over.
  await sleep(2_000);
  return {
    streamName: NAME,
    received: () => readFileSync(receivedFile).byteLength,
    remove: async () => {
      await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping.UUID }));
      await lambda.send(new DeleteFunctionCommand({ FunctionName: NAME }));
      await kinesis.send(new DeleteStreamCommand({ StreamName: NAME }));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;

/** One file, stored without compression. Source: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. */
function zipOf(name: string, content: Buffer): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const file = Buffer.concat([uint32(LOCAL_HEADER), common, Buffer.from(name), content]);
  const rights = Buffer.alloc(14);
  rights.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const entry = Buffer.concat([uint32(CENTRAL_HEADER), Buffer.from([20, 3]), common, rights, Buffer.from(name)]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(file.length, 12);
  return Buffer.concat([file, entry, uint32(END_RECORD), end]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
