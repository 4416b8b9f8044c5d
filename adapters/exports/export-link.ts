import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ExportFormat } from '../../core/queries/export-cases.ts';
import { exportKey } from './export-files.ts';

/** Long enough to click it, too short to be passed on: whoever asks again gets another. */
export const LINK_SECONDS = 300;

/** An address from which the file of a finished export can be fetched without a token, for five minutes. */
export function exportLink(
  { client, bucket }: { readonly client: S3Client; readonly bucket: string },
  { id, format }: { readonly id: string; readonly format: ExportFormat },
): Promise<string> {
  const get = new GetObjectCommand({
    Bucket: bucket,
    Key: exportKey(id),
    ResponseContentDisposition: `attachment; filename="cases-${id.slice(0, 8)}.${format}"`,
  });
  return getSignedUrl(client, get, { expiresIn: LINK_SECONDS });
}
