import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Fault, unreadable } from '../../core/fault.ts';
import type { ExportFiles } from '../../core/jobs/export-cases.ts';
import type { ExportFormat } from '../../core/jobs/task.ts';

const CONTENT_TYPES: { readonly [format in ExportFormat]: string } = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** Where a finished export lies in the bucket. What a slice keeps aside lies beside it. */
export function exportKey(name: string): string {
  return `exports/${name}`;
}

/** Exports as multipart uploads; the bucket drops them after some days, and what was never finished after one. */
export function createExportFiles({
  client,
  bucket,
}: {
  readonly client: S3Client;
  readonly bucket: string;
}): ExportFiles {
  return {
    async beginFile(name, format) {
      const begin = new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: exportKey(name),
        ContentType: CONTENT_TYPES[format],
      });
      const { UploadId } = await client.send(begin);
      if (UploadId === undefined) throw new Fault('dependency-unavailable', `the upload of ${name} got no id`);
      return { name, id: UploadId };
    },

    async putPart({ name, id }, number, text) {
      const part = { Bucket: bucket, Key: exportKey(name), UploadId: id, PartNumber: number, Body: text };
      const { ETag } = await client.send(new UploadPartCommand(part));
      if (ETag === undefined) throw new Fault('dependency-unavailable', `part ${number} of ${name} got no tag`);
      return ETag;
    },

    async endFile({ name, id }, parts) {
      const Parts = parts.map((ETag, at) => ({ ETag, PartNumber: at + 1 }));
      const object = { Bucket: bucket, Key: exportKey(name) };
      try {
        await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId: id, MultipartUpload: { Parts } }));
      } catch (error) {
        if (!(error instanceof NoSuchUpload)) throw error;
        // Joined before, by a slice that could no longer record it; if not, this throws.
        await client.send(new HeadObjectCommand(object));
      }
    },

    async keepRest(name, text) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: exportKey(name), Body: text }));
    },

    async readRest(name) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: exportKey(name) }));
      if (Body === undefined) throw unreadable(name);
      return Body.transformToString('utf-8');
    },
  };
}
