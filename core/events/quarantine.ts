import type { QuarantineReason } from './parse-event.ts';

/** A record put aside: its bytes as they came, and why. */
export interface Quarantined {
  /** From the bytes: the same record put aside twice is one. */
  readonly id: string;
  readonly reason: QuarantineReason;
  /** Names fields, repeats no values: may be logged. */
  readonly detail: string;
  readonly bytes: Uint8Array;
  readonly arrivedMs: number;
}

/** Where records wait to be mended. Putting the same one aside again is harmless; throws when it could not be kept. */
export interface Quarantine {
  put(record: Quarantined): Promise<void>;
}
