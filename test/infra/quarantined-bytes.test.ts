import { describe, expect, it } from 'vitest';
import { nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const buckets = resourcesOf(synthesize('prod'), 'AWS::S3::Bucket').map(([id, { Properties }]) => {
  return { name: nameOf({ Ref: id }), lifecycle: Properties.LifecycleConfiguration };
});
const lifecycleOf = (named: string) => buckets.find(({ name }) => name === named)?.lifecycle;

/** What every bucket forgets. */
const OLD_VERSIONS = {
  Status: 'Enabled',
  NoncurrentVersionExpiration: { NoncurrentDays: 30 },
  ExpiredObjectDeleteMarker: true,
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
};

describe('the bucket of the quarantine', () => {
  it('forgets bytes that could not be read after 30 days, and the versions that S3 hides, and no other object', () => {
    const rule = (Prefix: string) => ({
      Prefix,
      Status: 'Enabled',
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    expect(lifecycleOf('EventsQuarantineBucket')).toEqual({
      Rules: [OLD_VERSIONS, ...['unreadable/', 'not-json/', 'too-large/'].map(rule)],
    });
  });
});

describe('the bucket of dead letters', () => {
  it('forgets a letter 30 days after it was put back, and none before', () => {
    expect(lifecycleOf('EventsDeadLetterBucket')).toEqual({ Rules: [OLD_VERSIONS] });
  });
});
