import type { DeadLetters } from '../adapters/s3/dead-letters.ts';
import {
  type DeadLetter,
  type DeadLetterResult,
  groupDeadLetters,
  type RedriveSource,
  recordsIn,
} from '../core/redrive/dead-letter.ts';
import type { StreamRecord } from './put-records.ts';
import { reasonOf } from './reasons.ts';

export interface Survey {
  readonly letters: readonly DeadLetter[];
  readonly unreadable: readonly Extract<DeadLetterResult, { kind: 'unreadable' }>[];
}

/** Objects read at once; bounds memory and open requests. */
const READ_PARALLEL = 8;

/** Reads what is in the dead-letter bucket: of one source, or all. */
export async function surveyDeadLetters(
  deadLetters: Pick<DeadLetters, 'list' | 'read'>,
  {
    source,
    limit,
    onRead,
  }: {
    readonly source?: RedriveSource | undefined;
    readonly limit: number;
    readonly onRead?: (read: number, of: number) => void;
  },
): Promise<Survey> {
  // Only a look into an object tells its source.
  const keys = await deadLetters.list(source === undefined ? limit : Infinity);
  const letters: DeadLetter[] = [];
  const unreadable: Extract<DeadLetterResult, { kind: 'unreadable' }>[] = [];
  for (let from = 0; from < keys.length && letters.length < limit; from += READ_PARALLEL) {
    const part = await Promise.all(keys.slice(from, from + READ_PARALLEL).map((key) => deadLetters.read(key)));
    for (const result of part) {
      if (result.kind === 'unreadable') unreadable.push(result);
      else if (source === undefined || result.letter.source === source) letters.push(result.letter);
    }
    onRead?.(Math.min(from + READ_PARALLEL, keys.length), keys.length);
  }
  return { letters: letters.slice(0, limit), unreadable };
}

export interface RedrivePorts {
  readonly putOnStream: (records: readonly StreamRecord[]) => Promise<void>;
  /** Hands the batch to this stack's own function: what an object names as its function is not believed. */
  readonly reinvoke: (source: RedriveSource, event: unknown) => Promise<void>;
  readonly markRedriven: (key: string) => Promise<void>;
  readonly onProgress?: (batches: number, records: number) => void;
}

export interface Redriven {
  readonly batches: number;
  readonly records: number;
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
}

/**
 * Puts each batch back and only then moves its object away. What is interrupted in between goes back twice: detection
 * and refunds recognise what they have seen. A batch that fails stays where it is and does not stop the others.
 */
export async function redrive(letters: readonly DeadLetter[], ports: RedrivePorts): Promise<Redriven> {
  let batches = 0;
  let records = 0;
  const failed: { readonly key: string; readonly reason: string }[] = [];
  for (const letter of letters) {
    try {
      if (letter.kind === 'events') await ports.putOnStream(letter.records);
      else await ports.reinvoke(letter.source, letter.event);
      await ports.markRedriven(letter.key);
      batches += 1;
      records += recordsIn(letter);
    } catch (error) {
      failed.push({ key: letter.key, reason: reasonOf(error) ?? String(error) });
    }
    ports.onProgress?.(batches, records);
  }
  return { batches, records, failed };
}

/** A line for each way in which batches failed. */
export function describeDeadLetters({ letters }: Survey): string {
  if (letters.length === 0) return 'Nothing has exhausted its retries.';
  return groupDeadLetters(letters)
    .map(
      ({ source, condition, fault, batches, records, firstAt, lastAt }) =>
        `${source.padEnd(8)} ${condition} (${fault}): ${many(records, 'record')} in ${many(batches, 'batch')}, ${firstAt} to ${lastAt}`,
    )
    .join('\n');
}

export function describeRedriven({ batches, records, failed }: Redriven): string {
  const done = `Put back: ${many(records, 'record')} of ${many(batches, 'batch')}.`;
  return failed.length === 0 ? done : `${done} Left where they are, and named above: ${many(failed.length, 'batch')}.`;
}

function many(count: number, noun: 'record' | 'batch'): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun === 'batch' ? 'batches' : 'records'}`;
}
