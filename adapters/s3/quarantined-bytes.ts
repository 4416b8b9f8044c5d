import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { QuarantinedItem } from '../../core/redrive/quarantined-item.ts';
import { UserError } from '../../core/user-error.ts';

/**
 * Reads the bytes of a quarantined record as they are stored: without card data.
 *
 * @throws UserError when they are gone: bytes that could not be read as an event are stored for days only.
 */
export async function quarantinedBytes(
  { s3, bucket }: { readonly s3: S3Client; readonly bucket: string },
  { id, objectKey }: Pick<QuarantinedItem, 'id' | 'objectKey'>,
): Promise<Uint8Array> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    throw new UserError(
      `The bytes of the record ${id} are no longer stored (docs/card-numbers.md); have the processor send it again, or discard it`,
    );
  }
}
