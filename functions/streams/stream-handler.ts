import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord, KinesisStreamRecord } from 'aws-lambda';
import { faultOf } from '../../adapters/fault-of.ts';
import { createDeadLetterWriter } from '../../adapters/s3/dead-letter-writer.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { bug, type FaultCode } from '../../core/fault.ts';
import type { DeadLetter } from '../../core/redrive/dead-letter.ts';
import { type BatchPorts, dealWith, type GivenUp } from '../../core/redrive/deal-with.ts';
import { type KeepDeadLetter, letterOf } from '../../core/redrive/given-up-letter.ts';
import { noteFault, observed } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';

type StreamRecord = KinesisStreamRecord | DynamoDBRecord;

interface StreamBatch<Record> {
  readonly Records: readonly Record[];
  /** Set by redrive, which must learn of every failure: its letter stays where it is. */
  readonly redriven?: boolean;
}

/** What Lambda's mapping understands: the record from which it reads the stream again. */
interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/**
 * A handler of a stream's batches. A record that meets a bug is written to the dead-letter bucket and counts as dealt
 * with; after another fault it comes again, with all behind it. Never answers undefined, which Lambda would take for
 * success of the whole batch.
 */
export function streamHandler<Record extends StreamRecord>(
  { kind, bucket }: { readonly kind: DeadLetter['kind']; readonly bucket: string },
  work: BatchPorts<Record>['work'],
) {
  const { keepDeadLetter } = createDeadLetterWriter({ client: new S3Client({}), bucket });
  return observed(async ({ Records, redriven }: StreamBatch<Record>, { invokedFunctionArn }): Promise<BatchAnswer> => {
    const functionArn = invokedFunctionArn || arnOnEmulator();
    const giveUp = (items: readonly GivenUp<Record>[]) => keepAll(items, { kind, functionArn, keepDeadLetter });
    const again = await dealWith(Records, { work, faultOf, giveUp: redriven === true ? undefined : giveUp });
    if (again === undefined) return { batchItemFailures: [] };
    // With nothing before it, a throw has the mapping halve the batch until the one that fails is alone.
    if (again.at === 0) throw again.fault;
    noteFault('record failed', again.fault);
    return { batchItemFailures: [{ itemIdentifier: sequenceOf(Records[again.at]) }] };
  });
}

/** The emulator does not tell a function its ARN. */
function arnOnEmulator(): string {
  const { AWS_REGION, AWS_LAMBDA_FUNCTION_NAME } = readEnvironment(['AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME']);
  return `arn:aws:lambda:${AWS_REGION}:000000000000:function:${AWS_LAMBDA_FUNCTION_NAME}`;
}

interface Keeping {
  readonly kind: DeadLetter['kind'];
  readonly functionArn: string;
  readonly keepDeadLetter: KeepDeadLetter;
}

/** One letter for each code. An alarm rings once they are written; a letter that cannot be written fails the batch. */
async function keepAll<Record extends StreamRecord>(
  items: readonly GivenUp<Record>[],
  { keepDeadLetter, ...head }: Keeping,
): Promise<void> {
  const byCode: ReadonlyMap<FaultCode, readonly GivenUp<Record>[]> = Map.groupBy(items, ({ fault }) => fault.code);
  for (const [code, alike] of byCode) {
    const records = alike.map(({ item }) => item);
    await keepDeadLetter(letterOf({ ...head, records, code, atMs: systemRuntime.nowMs() }));
    for (const { fault } of alike) noteFault('record given up', fault);
  }
}

function sequenceOf(record: StreamRecord | undefined): string {
  const sequence =
    record !== undefined && 'kinesis' in record ? record.kinesis.sequenceNumber : record?.dynamodb?.SequenceNumber;
  if (sequence === undefined) throw bug('a stream record has no sequence number');
  return sequence;
}
