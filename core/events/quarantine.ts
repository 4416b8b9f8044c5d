import type { Ms } from '../brands.ts';
import type { QuarantineReason } from './parse-event.ts';

/** A quarantined record: its bytes as they came, and the reason. */
export interface Quarantined {
  /** From the bytes: the same record quarantined twice is one. */
  readonly id: string;
  readonly reason: QuarantineReason;
  /** Names fields, repeats no values: may be logged. */
  readonly detail: string;
  /** What the record names as its source, registered or not; undefined where it names none. */
  readonly source: string | undefined;
  readonly bytes: Uint8Array;
  readonly arrivedMs: Ms;
}

/** Where records wait for a repair. Quarantining the same one again is harmless; throws when it could not be stored. */
export interface Quarantine {
  put(record: Quarantined): Promise<void>;
}
