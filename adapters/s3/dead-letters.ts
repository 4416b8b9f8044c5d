import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { pages } from '../../core/pages.ts';
import {
  DEAD_LETTER_PREFIX,
  type DeadLetterResult,
  parseDeadLetter,
  REDRIVEN_PREFIX,
} from '../../core/redrive/dead-letter.ts';

/** What exhausted its retries, with its payload, one object a batch. */
export interface DeadLetters {
  /** The objects that were not put back yet, in S3's order: by mapping, shard and day. At most `max`. */
  list(max: number): Promise<readonly string[]>;
  read(key: string): Promise<DeadLetterResult>;
  /** Moves the object away from what is listed. Run again after a crash in between it ends the same. */
  markRedriven(key: string): Promise<void>;
}

export function createDeadLetters({ s3, bucket }: { readonly s3: S3Client; readonly bucket: string }): DeadLetters {
  return {
    async list(max) {
      const keys: string[] = [];
      const listed = pages(async ({ cursor: ContinuationToken }) => {
        const { Contents = [], NextContinuationToken } = await s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: DEAD_LETTER_PREFIX, ContinuationToken }),
        );
        return { objects: Contents, cursor: NextContinuationToken };
      });
      for await (const { objects } of listed) {
        keys.push(...objects.flatMap(({ Key }) => Key ?? []));
        if (keys.length >= max) break;
      }
      return keys.slice(0, max);
    },

    async read(key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return parseDeadLetter(key, (await Body?.transformToString()) ?? '');
    },

    async markRedriven(key) {
      const CopySource = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: `${REDRIVEN_PREFIX}${key}`, CopySource }));
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}
