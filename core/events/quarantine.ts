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

/** Where records wait for a repair. Quarantining the same one again is harmless; throws when it could not be stored. */
export interface Quarantine {
  put(record: Quarantined): Promise<void>;
}
