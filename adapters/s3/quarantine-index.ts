import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { iso } from '../../core/clock-units.ts';
import { QUARANTINE_REASONS } from '../../core/events/parse-event.ts';
import type { Quarantined } from '../../core/events/quarantine.ts';
import type { QuarantinedItem } from '../../core/redrive/repair.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from '../dynamodb/stored-item.ts';
import { TABLES } from '../dynamodb/table-layouts.ts';

const BY_REASON = TABLES.quarantine.indexes.byReason;
/** Spreads one reason's index writes: a processor's broken release can send thousands a second. */
const SHARDS = 4;

const text = z.string();
const reason = z.enum(QUARANTINE_REASONS);

export const quarantinedCodec = versionedCodec(
  'quarantined record',
  z.object({
    pk: text,
    reason,
    detail: text,
    arrivedAt: text,
    objectKey: text,
    bytes: z.int().nonnegative(),
    /** Card data was masked or dropped: the object is not what came. */
    isMasked: z.literal(true).optional(),
    redrivenAt: text.optional(),
    redrivenBy: text.optional(),
    redrivenDigest: text.optional(),
  }),
);

/** What the quarantine's queue carries: it points to the object and says why. */
export const quarantineEntryCodec = versionedCodec(
  'quarantine entry',
  z.strictObject({ id: text, reason, detail: text, bucket: text, objectKey: text }),
);

/** What became of a record's bytes. */
export interface StoredObject {
  readonly objectKey: string;
  readonly isMasked: boolean;
}

export function encodeQuarantined(record: Quarantined, { objectKey, isMasked }: StoredObject): Item {
  const { id, reason, detail, bytes, arrivedMs } = record;
  const arrivedAt = iso(arrivedMs);
  return marshall({
    ...quarantinedCodec.encode({
      pk: id,
      reason,
      detail,
      bytes: bytes.byteLength,
      arrivedAt,
      objectKey,
      ...(isMasked && { isMasked }),
    }),
    [BY_REASON.partitionKey]: `${reason}#${Number.parseInt(id.slice(0, 4), 16) % SHARDS}`,
    [BY_REASON.sortKey]: arrivedAt,
  });
}

export function decodeQuarantined(item: Item): QuarantinedItem {
  const { pk, bytes, redrivenAt, redrivenBy = '', redrivenDigest = '', ...rest } = decodeItem(quarantinedCodec, item);
  const found = { id: pk, byteCount: bytes, ...rest };
  if (redrivenAt === undefined) return found;
  return { ...found, redriven: { at: redrivenAt, by: redrivenBy, digest: redrivenDigest } };
}
