import type { Ms } from '../brands.ts';
import type { QuarantineReason } from '../events/parse-event.ts';
import type { Quarantined } from '../events/quarantine.ts';
import type { QuarantineDecision, QuarantinedItem, QuarantineStatus } from './quarantined-item.ts';

/** A refused record whose bytes are stored, or several that are stored together. */
export type StoredRecord = Omit<Quarantined, 'bytes' | 'isMasked' | 'isTree'> &
  Pick<QuarantinedItem, 'objectKey' | 'isMasked' | 'records'> & {
    /** From then on it is no longer listed. */
    readonly expiresAtMs: Ms;
  };

/** Which records are asked for. A field that is undefined asks for all. */
export interface QuarantineFilter {
  readonly source?: string | undefined;
  readonly reasons?: readonly QuarantineReason[] | undefined;
  /** Arrived from this time on. */
  readonly sinceMs?: Ms | undefined;
  /** Arrived before this time. */
  readonly untilMs?: Ms | undefined;
  readonly statuses: readonly QuarantineStatus[];
}

/** The list of refused records. Each write is one conditional update of one record. */
export interface QuarantineIndex {
  /**
   * Lists a record as waiting. One that waits already stays as it is, unless half of its time has passed: it lives on from now. One that was repaired or discarded, or is being sent,
   * waits again and keeps its history: the same bytes came once more. Idempotent.
   */
  add(record: StoredRecord): Promise<void>;
  /** Strongly consistent. */
  read(id: string): Promise<QuarantinedItem | undefined>;
  /** Yields matching records, in no order. May lag by moments. */
  list(filter: QuarantineFilter): AsyncIterable<QuarantinedItem>;
  /** Marks a waiting record before its repaired event is sent; true also after a crash in between. False: it waits no longer. */
  beginSending(id: string): Promise<boolean>;
  /** Ends what `beginSending` began. False: the record was quarantined again meanwhile, or another operator ended it. */
  markRepaired(id: string, decision: QuarantineDecision): Promise<boolean>;
  /** Ends a waiting record without an event. False: it waits no longer. */
  markDiscarded(id: string, decision: QuarantineDecision): Promise<boolean>;
}
