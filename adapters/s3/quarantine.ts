import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Quarantine, Quarantined } from '../../core/events/quarantine.ts';
import { withoutCardData } from '../../core/events/without-card-data.ts';
import type { QuarantineIndex } from '../../core/redrive/quarantine-index.ts';
import { quarantineEntryCodec } from '../dynamodb/quarantine-item.ts';

/**
 * Keeps a record as an S3 object, an index item and a queue entry that points to it, in this order: what is listed or
 * queued can always be read. Card numbers are masked, security codes and track data dropped. Bytes that are no event's are
 * looked through as text, which may miss what a tree shows, so they are encrypted under a key of their own.
 */
export function createQuarantine({
  index,
  s3,
  sqs,
  bucket,
  keyArn,
  queueUrl,
}: {
  readonly index: Pick<QuarantineIndex, 'add'>;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly bucket: string;
  readonly keyArn: string;
  readonly queueUrl: string;
}): Quarantine {
  return {
    async put({ bytes, ...record }) {
      const kept = withoutCardData(bytes);
      const { id, reason, detail } = record;
      const objectKey = `${reason}/${id}`;
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, ...bodyOf(reason, kept, keyArn) }));
      const isMasked = kept === bytes ? undefined : true;
      await index.add({ ...record, objectKey, byteCount: bytes.byteLength, isMasked });
      const entry = quarantineEntryCodec.encode({ id, reason, detail, bucket, objectKey });
      // A repetition queues the same entry twice; the id tells.
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(entry) }));
    },
  };
}

function bodyOf(reason: Quarantined['reason'], kept: Uint8Array, keyArn: string) {
  if (reason === 'not-json' || reason === 'too-large') {
    return {
      Body: kept,
      ContentType: 'application/octet-stream',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: keyArn,
    } as const;
  }
  return { Body: kept, ContentType: 'application/json' } as const;
}
