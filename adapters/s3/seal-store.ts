import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ObjectVersion,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { SealStore } from '../../core/cases/seal.ts';
import { pages } from '../../core/pages.ts';

type VersionMarkers = Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'>;
interface VersionPage {
  readonly versions: readonly ObjectVersion[];
  readonly cursor: VersionMarkers | undefined;
}

const DAYS = 'days/';
const PARTS = 'parts/';

/**
 * Seals as objects of a bucket with Object Lock. The lock keeps each version, not the key: whoever may write can put
 * another version on top, or a delete marker. So it is always the oldest version that is read.
 */
export function createSealStore({ s3, bucket }: { readonly s3: S3Client; readonly bucket: string }): SealStore {
  const dayKey = (day: string) => `${DAYS}${day}.json`;
  const partKey = (sha256: string) => `${PARTS}${sha256}.ndjson`;

  /** The oldest version of each key that begins so, in the keys' order. */
  async function oldestVersions(Prefix: string): Promise<ReadonlyMap<string, ObjectVersion>> {
    const oldest = new Map<string, ObjectVersion>();
    const listed = pages<VersionPage, VersionMarkers>(async ({ cursor: after }) => {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix, ...after }));
      const { Versions = [], NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
      return { versions: Versions, cursor: page.IsTruncated ? { KeyMarker, VersionIdMarker } : undefined };
    });
    for await (const { versions } of listed) {
      for (const version of versions) {
        const known = oldest.get(version.Key ?? '');
        // S3 lists the newest of a key first, of one second too.
        if (known === undefined || Number(version.LastModified) <= Number(known.LastModified)) {
          oldest.set(version.Key ?? '', version);
        }
      }
    }
    return oldest;
  }

  async function readOldest(Key: string): Promise<string | undefined> {
    const VersionId = (await oldestVersions(Key)).get(Key)?.VersionId;
    if (VersionId === undefined) return undefined;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }));
    return Body?.transformToString();
  }

  /** Locked by the bucket's own rule. Where the key has an object, nothing is written. */
  async function putOnce(Key: string, Body: string, ContentType: string): Promise<'written' | 'there-is-one'> {
    try {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType, IfNoneMatch: '*' }));
      return 'written';
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'PreconditionFailed') return 'there-is-one';
      throw error;
    }
  }

  return {
    async days() {
      const keys = [...(await oldestVersions(DAYS)).keys()];
      return keys.map((key) => key.slice(DAYS.length, -'.json'.length)).sort();
    },
    readSeal: (day) => readOldest(dayKey(day)),
    putSeal: (day, text) => putOnce(dayKey(day), text, 'application/json'),
    readPart: (sha256) => readOldest(partKey(sha256)),
    async putPart(sha256, text) {
      await putOnce(partKey(sha256), text, 'application/x-ndjson');
    },
  };
}
