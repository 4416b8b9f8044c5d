import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { logger } from '../observability.ts';

/** Records of one batch that are dealt with at once; bounds the open requests. */
const PARALLEL = 10;

/**
 * Deals with each record of a stream batch and reports the lowest failed one, from which the stream is read again.
 * Records may be dealt with in any order and again: what `act` does must be idempotent.
 */
export async function eachRecord(
  records: readonly DynamoDBRecord[],
  act: (record: DynamoDBRecord) => Promise<void>,
): Promise<DynamoDBBatchResponse> {
  for (let from = 0; from < records.length; from += PARALLEL) {
    const part = records.slice(from, from + PARALLEL);
    const outcomes = await Promise.allSettled(part.map(act));
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    if (failed < 0) continue;
    const outcome = outcomes[failed];
    if (outcome?.status === 'rejected') logger.error('stream record failed', { error: outcome.reason });
    // With nothing to keep, a throw has the mapping halve the batch until the one that fails is alone.
    if (from + failed === 0) throw new Error('the first record of the batch failed: see the log line before');
    const itemIdentifier = part[failed]?.dynamodb?.SequenceNumber;
    if (itemIdentifier === undefined) throw new Error('a stream record without a sequence number failed');
    return { batchItemFailures: [{ itemIdentifier }] };
  }
  return { batchItemFailures: [] };
}
