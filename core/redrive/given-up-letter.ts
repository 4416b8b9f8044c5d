import type { Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import { FAULT_NAMES, type FaultCode } from '../fault.ts';
import { DEAD_LETTER_PREFIX, type DeadLetter } from './dead-letter.ts';

/** What a function gives up, as it came to it. */
export interface GivenUpRecords {
  readonly kind: DeadLetter['kind'];
  readonly functionArn: string;
  /** The stream's records, whole: at least one. */
  readonly records: readonly { readonly eventID?: string | undefined }[];
  readonly code: FaultCode;
  readonly atMs: Ms;
}

export interface WrittenLetter {
  readonly key: string;
  readonly text: string;
}

/** A port to the store of dead letters. Writes a letter; the same letter again is the same object. */
export type KeepDeadLetter = (letter: WrittenLetter) => Promise<void>;

/**
 * Writes the records in the form in which Lambda leaves a batch that it gives up, so that redrive reads both alike. The
 * key names the first record and how many there are. A letter that takes the place of one from a run that was cut off
 * loses nothing: all records of that run have come again.
 */
export function letterOf({ kind, functionArn, records, code, atMs }: GivenUpRecords): WrittenLetter {
  const timestamp = iso(atMs);
  const first = (records[0]?.eventID ?? 'unnamed').replaceAll(/[^\w-]/g, '-');
  const day = timestamp.slice(0, 10).replaceAll('-', '/');
  const info = { batchSize: records.length };
  return {
    key: `${DEAD_LETTER_PREFIX}${functionArn.split(':').at(-1)}/bug/${day}/${first}-${records.length}`,
    text: JSON.stringify({
      requestContext: { functionArn, condition: FAULT_NAMES.never },
      responseContext: { functionError: code },
      timestamp,
      ...(kind === 'events' ? { KinesisBatchInfo: info } : { DDBStreamBatchInfo: info }),
      payload: JSON.stringify({ Records: records }),
    }),
  };
}
