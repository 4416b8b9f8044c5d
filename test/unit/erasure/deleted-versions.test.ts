import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { deleteWithVersions } from '../../../adapters/s3/erasable-objects.ts';

/** A bucket that has one object in many versions, and refuses to delete some of them. */
function bucketOf(versions: number, refused: readonly string[] = []) {
  const requests: number[] = [];
  const send = async (sent: unknown) => {
    if (sent instanceof ListObjectVersionsCommand) {
      return { Versions: Array.from({ length: versions }, (_, n) => ({ Key: 'schema/1', VersionId: `v${n}` })) };
    }
    if (!(sent instanceof DeleteObjectsCommand)) throw new Error('another command');
    const asked = sent.input.Delete?.Objects ?? [];
    requests.push(asked.length);
    const left = asked.filter(({ VersionId = '' }) => refused.includes(VersionId));
    return { Errors: left.map(({ Key, VersionId }) => ({ Key, VersionId, Code: 'AccessDenied' })) };
  };
  return { s3: { send } as unknown as S3Client, bucket: 'quarantine', requests }; // two of its commands are sent
}

describe('the deletion of an object with its versions', () => {
  it('asks for at most a thousand at a time', async () => {
    const bucket = bucketOf(1_001);
    await deleteWithVersions(bucket, 'schema/1');
    expect(bucket.requests).toEqual([1_000, 1]);
  });

  it('fails with the name of the object where a version is left', async () => {
    const left = deleteWithVersions(bucketOf(3, ['v1']), 'schema/1');
    await expect(left).rejects.toMatchObject({ code: 'access-refused', message: expect.stringContaining('schema/1') });
  });
});
