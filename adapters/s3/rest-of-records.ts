import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { idOfTogether } from '../../core/events/quarantine.ts';
import { bug } from '../../core/fault.ts';
import type { QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import type { KeptRecord, QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { plainDigests } from '../crypto/digests.ts';
import { packed, packedBody, storedTogether } from './bundled-records.ts';

/** Lists anew, as an item of their own, records that a repair leaves of those that were stored together. It ends when they do. Returns its id. */
export type KeepRest = (item: QuarantinedItem, rest: readonly [KeptRecord, ...KeptRecord[]]) => Promise<string>;

/** Writes object and index item, in this order. The id is of the records: a repetition writes the same. */
export function createRestKeeper({
  s3,
  bucket,
  index,
}: {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly index: Pick<QuarantineIndex, 'add'>;
}): KeepRest {
  return async ({ reason, source, expiresAtMs }, [first, ...more]) => {
    if (expiresAtMs === undefined) throw bug('records that are stored together have an end');
    const records = [quarantinedOf(first), ...more.map(quarantinedOf)] as const;
    const id = idOfTogether(records, plainDigests);
    const objectKey = `${reason}/${id}`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, Body: packed(records), ...packedBody }));
    await index.add({ ...storedTogether({ id, reason, source, records }), objectKey, expiresAtMs });
    return id;
  };
}

/** Only what was read as a tree is parted. */
function quarantinedOf({ item, bytes }: KeptRecord) {
  const { id, reason, detail, source, arrivedAt, byteCount, isMasked = false } = item;
  return { id, reason, detail, source, bytes, byteCount, isMasked, isTree: true, arrivedMs: Date.parse(arrivedAt) };
}
