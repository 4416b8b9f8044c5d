import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { iso } from '../../core/clock-units.ts';
import { isReadable, type Quarantined, type QuarantinedTogether } from '../../core/events/quarantine.ts';
import type { StoredRecord } from '../../core/redrive/quarantine-index.ts';
import type { KeptRecord, QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { jsonOf, versionedCodec } from '../../core/versioned.ts';

const text = z.string();
/** A record that was read as a tree is a text of UTF-8, which stays one. All other bytes are base64. */
const content = z.union([z.strictObject({ text }), z.strictObject({ base64: z.base64() })]);

/** One line of an object that has several refused records. */
export const bundledRecordCodec = versionedCodec(
  'bundled record',
  z.strictObject({
    id: text,
    detail: text,
    source: text.optional(),
    arrivedAt: text,
    bytes: z.int().nonnegative(),
    isMasked: z.literal(true).optional(),
    content,
  }),
);

/** A batch of Lambda has 6 MB; base64 and the rest of each line double it at most. */
const UNPACKED_BYTES_MAX = 16 * 1024 * 1024;

/** How the object of `packed` is marked. */
export const packedBody = { ContentType: 'application/x-ndjson', ContentEncoding: 'gzip' } as const;

/** An index item before its object has a place and an end. */
export type Unplaced = Omit<StoredRecord, 'objectKey' | 'expiresAtMs'>;

/** Returns the index item of records that are stored together. */
export function storedTogether({ id, reason, source, records }: QuarantinedTogether): Unplaced {
  const [{ detail, arrivedMs }] = records;
  return {
    id,
    reason,
    detail: `${records.length} records together; the first: ${detail}`,
    source,
    arrivedMs,
    byteCount: records.reduce((sum, { byteCount }) => sum + byteCount, 0),
    records: records.length,
    ...(records.some(({ isMasked }) => isMasked) && { isMasked: true }),
  };
}

/** Writes records as lines of JSON, compressed. */
export function packed(records: readonly Quarantined[]): Uint8Array {
  const lines = records.map((record) => {
    const { id, detail, source, arrivedMs, byteCount, isMasked } = record;
    const named = { ...(source !== undefined && { source }), ...(isMasked && { isMasked }) };
    const head = { id, detail, ...named, arrivedAt: iso(arrivedMs), bytes: byteCount };
    return JSON.stringify(bundledRecordCodec.encode({ ...head, content: contentOf(record) }));
  });
  return gzipSync(lines.join('\n'));
}

function contentOf(record: Quarantined): z.infer<typeof content> {
  const buffer = Buffer.from(record.bytes);
  return isReadable(record) ? { text: buffer.toString('utf8') } : { base64: buffer.toString('base64') };
}

/**
 * Returns the records of an item: the one that it is, or those that were stored together under it.
 *
 * @throws {Fault} `unreadable-item` when the object does not have what the item says
 */
export function recordsOf(item: QuarantinedItem, kept: Uint8Array): readonly KeptRecord[] {
  const { records, ...own } = item;
  if (records === undefined) return [{ item, bytes: kept }];
  return unpacked(kept, item.id).map(({ id, detail, source, arrivedAt, bytes, isMasked, content: written }) => {
    return { item: { ...own, id, detail, source, arrivedAt, byteCount: bytes, isMasked }, bytes: bytesOf(written) };
  });
}

/**
 * Returns the bytes of each record that `packed` has written.
 *
 * @throws {Fault} `unreadable-item` when a line cannot be read
 */
export function contentsOf(object: Uint8Array, name: string): readonly Uint8Array[] {
  return unpacked(object, name).map((line) => bytesOf(line.content));
}

function unpacked(object: Uint8Array, name: string) {
  const lines = gunzipSync(object, { maxOutputLength: UNPACKED_BYTES_MAX }).toString('utf8').split('\n');
  return lines.map((line, at) => {
    const key = `${name} line ${at + 1}`;
    return bundledRecordCodec.decode(jsonOf(line, bundledRecordCodec.what, key), key);
  });
}

function bytesOf(written: z.infer<typeof content>): Uint8Array {
  return 'text' in written ? Buffer.from(written.text) : Buffer.from(written.base64, 'base64');
}
