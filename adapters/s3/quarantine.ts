import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { DAY_MS } from '../../core/clock-units.ts';
import { hasCardNumber } from '../../core/events/find-card-numbers.ts';
import { isReadable, type Quarantine, type Quarantined } from '../../core/events/quarantine.ts';
import type { SourceCatalog } from '../../core/events/source.ts';
import { hasCardData } from '../../core/events/without-card-data.ts';
import { assert } from '../../core/fault.ts';
import type { QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import { quarantineEntryCodec } from '../dynamodb/quarantine-item.ts';
import { packed, packedBody, storedTogether, type Unplaced } from './bundled-records.ts';

/** How an object is written. */
type Body = Pick<PutObjectCommandInput, 'Body' | 'ContentType' | 'ContentEncoding'>;

/**
 * Stores a record, or several together, as an S3 object, an index item and a queue entry that points to it, in this order: what is listed or
 * queued can always be read. It refuses a record in which card data are left. What is no event was looked through as text,
 * which may miss what a tree shows: it is stored under a prefix that is emptied after days, encrypted under its own key.
 */
export function createQuarantine({
  index,
  sources,
  s3,
  sqs,
  bucket,
  unreadablePrefix,
  keyArn,
  queueUrl,
  days,
}: {
  readonly index: Pick<QuarantineIndex, 'add'>;
  readonly sources: SourceCatalog;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly bucket: string;
  readonly unreadablePrefix: string;
  readonly keyArn: string;
  readonly queueUrl: string;
  /** For how many days a record is listed after it arrived. Its object goes with the bucket's rule. */
  readonly days: number;
}): Quarantine {
  async function store(record: Unplaced, body: Body, isLasting: boolean): Promise<void> {
    const { id, reason, detail } = record;
    const objectKey = `${isLasting ? '' : unreadablePrefix}${reason}/${id}`;
    const encryption = isLasting ? {} : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn } as const);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, ...body, ...encryption }));
    await index.add({ ...record, objectKey, expiresAtMs: record.arrivedMs + days * DAY_MS });
    const entry = quarantineEntryCodec.encode({ id, reason, detail, bucket, objectKey });
    // A repetition queues the same entry twice, under the same id.
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(entry) }));
  }

  return {
    async put(quarantined) {
      assertNoCardData(quarantined, sources);
      const { bytes, isMasked, isTree: _, ...record } = quarantined;
      const isLasting = isReadable(quarantined);
      const ContentType = isLasting ? 'application/json' : 'application/octet-stream';
      await store({ ...record, ...(isMasked && { isMasked }) }, { Body: bytes, ContentType }, isLasting);
    },

    async putTogether(together) {
      const { records } = together;
      for (const record of records) assertNoCardData(record, sources);
      await store(storedTogether(together), { Body: packed(records), ...packedBody }, isReadable(records[0]));
    },
  };
}

function assertNoCardData(record: Quarantined, sources: SourceCatalog): void {
  const { source, detail } = record;
  const formats = source === undefined ? undefined : sources.sourceOf(source)?.tokenFormats;
  assert(!hasCardData(record, formats), 'card data are left in a record that is to be stored');
  assert(![detail, source ?? ''].some(hasCardNumber), 'a card number is left in what a record is listed by');
}
