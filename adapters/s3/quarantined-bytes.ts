import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { QuarantinedItem } from '../../core/redrive/quarantined-item.ts';

/** Reads the bytes of a quarantined record as they are stored: without card data. */
export async function quarantinedBytes(
  { s3, bucket }: { readonly s3: S3Client; readonly bucket: string },
  { objectKey }: Pick<QuarantinedItem, 'objectKey'>,
): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}
