import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Fault } from '../../core/fault.ts';
import { pages } from '../../core/pages.ts';

/** Versions that one request deletes (DeleteObjects, API reference). */
const DELETED_MAX = 1_000;

interface Bucket {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** Yields the keys of current objects below the prefix, with their bytes, and how they are encoded. */
export async function* objectBytes(
  { s3, bucket: Bucket }: Bucket,
  Prefix?: string,
): AsyncGenerator<{ readonly key: string; readonly bytes: Uint8Array; readonly encoding: string | undefined }> {
  const listed = pages(async ({ cursor: ContinuationToken }) => {
    const { Contents = [], NextContinuationToken } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }),
    );
    return { keys: Contents.flatMap(({ Key }) => Key ?? []), cursor: NextContinuationToken };
  });
  for await (const { keys } of listed) {
    for (const key of keys) {
      const { Body, ContentEncoding: encoding } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      yield { key, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), encoding };
    }
  }
}

/**
 * Deletes an object with all its versions: nothing of it can be restored. Run again it finds none.
 *
 * @throws {Fault} when a version is left: S3 answers for each one, and refuses some where others go
 */
export async function deleteWithVersions({ s3, bucket: Bucket }: Bucket, key: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }));
  const Objects: ObjectIdentifier[] = [...Versions, ...DeleteMarkers]
    .filter(({ Key }) => Key === key)
    .map(({ VersionId }) => ({ Key: key, VersionId }));
  for (let at = 0; at < Objects.length; at += DELETED_MAX) {
    const Delete = { Objects: Objects.slice(at, at + DELETED_MAX), Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
    const [first] = Errors;
    if (first !== undefined) throw new Fault('access-refused', `${key} was not deleted: ${first.Code ?? 'no reason'}`);
  }
}
