import { type DynamoDBClient, GetItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { QuarantinedItem } from '../../core/redrive/repair.ts';
import { tablePages } from '../dynamodb/table-pages.ts';
import { decodeQuarantined } from './quarantine-index.ts';

/** Quarantined records, as their index lists them. */
export interface QuarantinedRecords {
  read(id: string): Promise<QuarantinedItem | undefined>;
  bytesOf(item: QuarantinedItem): Promise<Uint8Array>;
  /** Those that were not put back, at most `max`, in no order. Reads the index as a whole: for people, not for a program. */
  waiting(max: number): Promise<readonly QuarantinedItem[]>;
  markRedriven(id: string, redriven: NonNullable<QuarantinedItem['redriven']>): Promise<void>;
}

const EXISTS = 'attribute_exists(pk)';
const NOT_REDRIVEN = 'attribute_not_exists(redrivenAt)';

export function createQuarantinedRecords({
  dynamodb,
  s3,
  table,
  bucket,
}: {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly table: string;
  readonly bucket: string;
}): QuarantinedRecords {
  return {
    async read(id) {
      const get = new GetItemCommand({ TableName: table, Key: { pk: { S: id } }, ConsistentRead: true });
      const { Item } = await dynamodb.send(get);
      return Item && decodeQuarantined(Item);
    },

    async bytesOf({ objectKey }) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },

    async waiting(max) {
      const items: QuarantinedItem[] = [];
      const scanned = tablePages((ExclusiveStartKey) =>
        dynamodb.send(new ScanCommand({ TableName: table, FilterExpression: NOT_REDRIVEN, ExclusiveStartKey })),
      );
      for await (const { Items = [] } of scanned) {
        items.push(...Items.map(decodeQuarantined));
        if (items.length >= max) break;
      }
      return items.slice(0, max);
    },

    // Said again it says the same: the digest tells what was put back.
    async markRedriven(id, { at, by, digest }) {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: id } },
          UpdateExpression: 'SET redrivenAt = :at, redrivenBy = :by, redrivenDigest = :digest',
          ConditionExpression: EXISTS,
          ExpressionAttributeValues: { ':at': { S: at }, ':by': { S: by }, ':digest': { S: digest } },
        }),
      );
    },
  };
}
