import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { KeepDeadLetter } from '../../core/redrive/given-up-letter.ts';

/** Writes to the dead-letter bucket, whose default encryption applies. */
export function createDeadLetterWriter({ client, bucket }: { readonly client: S3Client; readonly bucket: string }): {
  readonly keepDeadLetter: KeepDeadLetter;
} {
  return {
    async keepDeadLetter({ key, text }) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' }),
      );
    },
  };
}
