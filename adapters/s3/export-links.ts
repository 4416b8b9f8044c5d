import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { JobId, Ms } from '../../core/brands.ts';
import type { FileLink } from '../../core/jobs/job-view.ts';
import type { ExportFormat } from '../../core/jobs/task.ts';
import { exportKey } from './export-files.ts';

/** Long enough to click it, too short to be passed on: whoever asks again gets another. */
const LINK_SECONDS = 300;

/** Makes addresses from which the file of a finished export can be fetched without a token, for five minutes. */
export function createExportLinks({
  client,
  bucket,
  nowMs,
}: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly nowMs: () => Ms;
}): (jobId: JobId, format: ExportFormat) => Promise<FileLink> {
  return async (jobId, format) => {
    const expiresAtMs = nowMs() + LINK_SECONDS * 1_000;
    const get = new GetObjectCommand({
      Bucket: bucket,
      Key: exportKey(jobId),
      ResponseContentDisposition: `attachment; filename="cases-${jobId.slice(0, 8)}.${format}"`,
    });
    return { url: await getSignedUrl(client, get, { expiresIn: LINK_SECONDS }), expiresAtMs };
  };
}
