import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { iso } from '../../core/clock-units.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../../core/events/parse-event.ts';
import type { StoredRecord } from '../../core/redrive/quarantine-index.ts';
import { QUARANTINE_STATUSES, type QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { AS_VERSION_1, type Fields, versionedCodec } from '../../core/versioned.ts';
import { endOf, ttlOf } from './stored-charge-item.ts';
import { decodeItem, type Item } from './stored-item.ts';
import { TABLES } from './table-layouts.ts';

export const BY_REASON = TABLES.quarantine.indexes.byReason;
/** Spreads one reason's index writes: a processor's broken release can send thousands a second. */
export const REASON_SHARDS = Array.from({ length: 4 }, (_, shard) => shard);

const text = z.string();
const reason = z.enum(QUARANTINE_REASONS);
const decision = z.strictObject({ what: z.enum(['repaired', 'discarded']), at: text, by: text, reason: text });

export const quarantinedCodec = versionedCodec(
  'quarantined record',
  z.object({
    pk: text,
    status: z.enum(QUARANTINE_STATUSES),
    reason,
    detail: text,
    source: text.optional(),
    arrivedAt: text,
    objectKey: text,
    bytes: z.int().nonnegative(),
    /** Card data was masked or dropped: the object is not what came. */
    isMasked: z.literal(true).optional(),
    /** Of an item under which several records are stored. */
    records: z.int().positive().optional(),
    history: z.array(decision),
    /** Absent where the record was stored before records had an end. */
    ttl: z.int().optional(),
  }),
  [AS_VERSION_1, withStatus],
);

/** Version 2 knew only whether a record was put back, and by whom at last. */
function withStatus({ redrivenAt, redrivenBy, redrivenDigest: _, ...fields }: Fields): Fields {
  if (redrivenAt === undefined) return { ...fields, status: 'waiting', history: [] };
  const put = { what: 'repaired', at: redrivenAt, by: redrivenBy ?? '', reason: 'put back by `onecharge redrive`' };
  return { ...fields, status: 'repaired', history: [put] };
}

/** What the quarantine's queue carries: it points to the object and says why. */
export const quarantineEntryCodec = versionedCodec(
  'quarantine entry',
  z.strictObject({ id: text, reason, detail: text, bucket: text, objectKey: text }),
);

export function reasonKey(of: QuarantineReason, shard: number): string {
  return `${of}#${shard}`;
}

/** Returns the members of a waiting record, save those that a record keeps when it waits again: its id and its history. */
export function encodeWaiting(record: StoredRecord): Item {
  const { id, reason, detail, source, arrivedMs, objectKey, byteCount, isMasked, records, expiresAtMs } = record;
  const arrivedAt = iso(arrivedMs);
  const {
    pk: _pk,
    history: _history,
    ...members
  } = quarantinedCodec.encode({
    pk: id,
    status: 'waiting',
    reason,
    detail,
    ...(source !== undefined && { source }),
    bytes: byteCount,
    arrivedAt,
    objectKey,
    ...(isMasked && { isMasked }),
    ...(records !== undefined && { records }),
    history: [],
    ttl: ttlOf(expiresAtMs),
  });
  const shard = Number.parseInt(id.slice(0, 4), 16) % REASON_SHARDS.length;
  return marshall({
    ...members,
    [BY_REASON.partitionKey]: reasonKey(reason, shard),
    [BY_REASON.sortKey]: arrivedAt,
  });
}

export function decodeQuarantined(item: Item): QuarantinedItem {
  const { pk, bytes, ttl, ...rest } = decodeItem(quarantinedCodec, item);
  return { id: pk, byteCount: bytes, ...rest, ...(ttl !== undefined && { expiresAtMs: endOf(ttl) }) };
}
