import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Quarantine, Quarantined } from '../../core/events/quarantine.ts';
import { withoutCardData } from '../../core/events/without-card-data.ts';
import { encodeQuarantined, quarantineEntryCodec, type StoredObject } from './quarantine-index.ts';

/** A record that was put back and is quarantined again waits again. */
const NOT_WAITING = 'attribute_not_exists(pk) OR attribute_exists(redrivenAt)';

/**
 * Keeps a record as an S3 object, an index item and a queue entry that points to it, in this order: what is listed or
 * queued can always be read. Card numbers are masked, security codes and track data dropped. Bytes that are no event's are
 * looked through as text, which may miss what a tree shows, so they are encrypted under a key of their own.
 */
export function createQuarantine({
  dynamodb,
  s3,
  sqs,
  table,
  bucket,
  keyArn,
  queueUrl,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly table: string;
  readonly bucket: string;
  readonly keyArn: string;
  readonly queueUrl: string;
}): Quarantine {
  return {
    async put(record) {
      const kept = withoutCardData(record.bytes);
      const objectKey = `${record.reason}/${record.id}`;
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, ...bodyOf(record, kept, keyArn) }));
      await index(record, { objectKey, isMasked: kept !== record.bytes });
      const { id, reason, detail } = record;
      const entry = quarantineEntryCodec.encode({ id, reason, detail, bucket, objectKey });
      // A repetition queues the same entry twice; the id tells.
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(entry) }));
    },
  };

  async function index(record: Quarantined, stored: StoredObject): Promise<void> {
    const Item = encodeQuarantined(record, stored);
    try {
      await dynamodb.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: NOT_WAITING }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

function bodyOf({ reason }: Quarantined, kept: Uint8Array, keyArn: string) {
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
