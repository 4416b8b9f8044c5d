import type { Ms } from '../brands.ts';
import type { QuarantineReason } from '../events/parse-event.ts';

/** `sending`: a repaired event is on its way to the stream. Until that ends, the record counts as waiting. */
export const QUARANTINE_STATUSES = ['waiting', 'sending', 'repaired', 'discarded'] as const;
export type QuarantineStatus = (typeof QUARANTINE_STATUSES)[number];

/** What an operator decided about a record: a line of its history, which stays. */
export interface QuarantineDecision {
  readonly what: 'repaired' | 'discarded';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  /** Why the record was discarded, or how it was repaired. */
  readonly reason: string;
}

/** What the index knows of a quarantined record. */
export interface QuarantinedItem {
  readonly id: string;
  readonly status: QuarantineStatus;
  readonly reason: QuarantineReason;
  readonly detail: string;
  /** What the record names as its source; undefined where it names none. */
  readonly source?: string | undefined;
  readonly arrivedAt: string;
  /** Where its bytes are kept. */
  readonly objectKey: string;
  /** How many bytes came; of records that are stored together, in all. */
  readonly byteCount: number;
  /** Set when card data was masked or dropped, so that the kept bytes are not what came. */
  readonly isMasked?: true | undefined;
  /** How many records are stored together under this item; undefined for one of its own. */
  readonly records?: number | undefined;
  /** From then on it is no longer listed. Undefined where it was stored before records had an end. */
  readonly expiresAtMs?: Ms | undefined;
  /** In the order in which they were taken. */
  readonly history: readonly QuarantineDecision[];
}

/** A record as it is stored, with what is known of it. */
export interface KeptRecord {
  readonly item: QuarantinedItem;
  readonly bytes: Uint8Array;
}

/** Returns how many refused records an item is. */
export function recordsIn({ records = 1 }: Pick<QuarantinedItem, 'records'>): number {
  return records;
}

/** Returns true while an operator has to decide about the record. */
export function isWaiting({ status }: Pick<QuarantinedItem, 'status'>): boolean {
  return status === 'waiting' || status === 'sending';
}
