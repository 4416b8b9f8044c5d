import type { Ms } from '../brands.ts';
import type { QuarantineReason } from './parse-event.ts';

/** A quarantined record as it may be stored, and the reason. */
export interface Quarantined {
  /**
   * From the stored bytes: the same record quarantined twice is one. An id of what was masked would let a reader of the
   * store try card numbers until one has the id.
   */
  readonly id: string;
  readonly reason: QuarantineReason;
  /** Names fields, repeats no values: may be logged. */
  readonly detail: string;
  /** What the record names as its source, registered or not; undefined where it names none. */
  readonly source: string | undefined;
  /** Without card data. */
  readonly bytes: Uint8Array;
  /** How many bytes came. */
  readonly byteCount: number;
  /** Card data was masked or dropped. */
  readonly isMasked: boolean;
  /** False for bytes that were looked through as text, not as a tree: they may be stored for days only. */
  readonly isTree: boolean;
  readonly arrivedMs: Ms;
}

/** Refused records that are stored as one object and listed as one item. */
export interface QuarantinedTogether {
  /** From the ids of its records: the same records stored together twice are one. */
  readonly id: string;
  readonly reason: QuarantineReason;
  readonly source: string | undefined;
  /** In the order of the stream, each once. All can be stored in the same way. */
  readonly records: readonly [Quarantined, ...Quarantined[]];
}

/** Where records wait for a repair. Quarantining the same again is harmless; throws when it could not be stored. */
export interface Quarantine {
  /** Stores one record, as an item of its own. */
  put(record: Quarantined): Promise<void>;
  /** Stores records as one object with one item: all of them or none. */
  putTogether(together: QuarantinedTogether): Promise<void>;
}

/** What became of one refused record of a batch. */
export type PutOutcome =
  | { readonly kind: 'stored'; readonly isTogether: boolean }
  /** It is not stored, or not counted, and must come again. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** Takes what was refused of a batch. */
export interface BatchQuarantine {
  /** Stores each record, alone or with others. Returns one outcome for each, in their order; never throws. Idempotent. */
  putAll(records: readonly Quarantined[]): Promise<readonly PutOutcome[]>;
}

/** Returns the id of records that are stored together: the same in whatever order they come. */
export function idOfTogether(
  records: readonly Pick<Quarantined, 'id'>[],
  { hash128 }: { readonly hash128: (text: string) => string },
): string {
  const ids = records.map(({ id }) => id).toSorted();
  return hash128(ids.join(' '));
}

/** Returns true for bytes that were looked through as a tree. All others may be stored for days only. */
export function isReadable({ isTree, reason }: Pick<Quarantined, 'isTree' | 'reason'>): boolean {
  return isTree && reason !== 'too-large';
}
