import type { Ms } from '../brands.ts';
import { parseEvent, type QuarantineReason } from '../events/parse-event.ts';
import { partitionKeyOf } from '../events/partition-key.ts';
import type { EventRules } from '../events/source.ts';
import type { StreamedRecord } from './dead-letter.ts';

/** What the index knows of a quarantined record. */
export interface QuarantinedItem {
  readonly id: string;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly arrivedAt: string;
  /** Where its bytes are kept. */
  readonly objectKey: string;
  /** How many bytes came. */
  readonly byteCount: number;
  /** Set when card data was masked or dropped, so that the kept bytes are not what came. */
  readonly isMasked?: true | undefined;
  /** Set when it was put back. */
  readonly redriven?: { readonly at: string; readonly by: string; readonly digest: string };
}

export type Repair =
  | { readonly kind: 'sendable'; readonly record: StreamedRecord }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * May these bytes go back on the stream? The kept bytes may if they are what came, repaired ones whatever came. What would
 * only be quarantined again is refused with its reason; whether a conflict or a full window is over, detection says.
 */
export function repair(
  item: QuarantinedItem,
  bytes: Uint8Array,
  { isRepaired, nowMs, sources }: { readonly isRepaired: boolean; readonly nowMs: Ms; readonly sources: EventRules },
): Repair {
  // Items of version 1 have no mark: a mask changed the length.
  if (!isRepaired && (item.isMasked || bytes.byteLength !== item.byteCount)) {
    return refused('its card data was masked when it was stored; repair it, or have the processor send it again');
  }
  const parsed = parseEvent(bytes, nowMs, sources);
  if (parsed.kind === 'rejected') return refused(`it would be quarantined again: ${parsed.reason}, ${parsed.detail}`);
  return { kind: 'sendable', record: { partitionKey: partitionKeyOf(parsed.event), bytes } };
}

function refused(reason: string): Repair {
  return { kind: 'refused', reason };
}
