import type { DynamoDBRecord } from 'aws-lambda';
import { faultOf } from '../../adapters/fault-of.ts';
import type { ItemFailure } from '../../core/redrive/deal-with.ts';

/** Records of one batch that are dealt with at once; bounds the open requests. */
const PARALLEL = 10;

/**
 * Deals with each record of a stream batch and returns those that failed. Stops soon after a failure that may pass: from
 * there the stream is read again. Records may be dealt with in any order and again: what `act` does must be idempotent.
 */
export async function eachRecord(
  records: readonly DynamoDBRecord[],
  act: (record: DynamoDBRecord) => Promise<void>,
): Promise<readonly ItemFailure[]> {
  const failures: ItemFailure[] = [];
  for (let from = 0; from < records.length; from += PARALLEL) {
    const outcomes = await Promise.allSettled(records.slice(from, from + PARALLEL).map(act));
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') failures.push({ at: from + at, error: outcome.reason });
    }
    if (failures.some(({ error }) => faultOf(error).retry !== 'never')) break;
  }
  return failures;
}
