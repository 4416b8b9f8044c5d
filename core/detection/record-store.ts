import type { FlagId, Ms } from '../brands.ts';
import type { ChargeRecord } from './charge-record.ts';
import type { InsertOutcome } from './window-store.ts';

/** A record as it was found: expired state is dropped, the version to write on stays. */
export interface FoundRecord {
  /** Undefined when there is none, or when it has expired. */
  readonly record: ChargeRecord | undefined;
  /** The version a replacement must expect; 0 when there is no item. */
  readonly version: number;
}

/**
 * Where charge records live. Every write is conditional; a write whose answer was lost may have happened, and the retry
 * that meets its own facts finds nothing to change.
 */
export interface RecordStore {
  /**
   * Inserts each record if there is no item under its id: one conditional write each, none read. Not atomic together; the
   * outcomes are in the order of the records, whose ids must differ. Never throws for one record's fault: throttled and
   * failed ones, after the store's own bounded retries, are `failed`.
   */
  insertRecords(records: readonly ChargeRecord[]): Promise<readonly InsertOutcome[]>;
  /** Reads strongly consistently, in the order asked; ids may repeat. Not a snapshot: each record is as it was at its own read. */
  readRecords(ids: readonly FlagId[], nowMs: Ms): Promise<readonly FoundRecord[]>;
  /** Writes on condition that the version is still the expected one; 0: there must be no item. Throws for other faults. */
  replaceRecord(record: ChargeRecord, expectedVersion: number): Promise<'replaced' | 'conflict'>;
}
