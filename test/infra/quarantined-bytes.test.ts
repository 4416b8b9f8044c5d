import { describe, expect, it } from 'vitest';
import { REDRIVEN_PREFIX } from '../../core/redrive/dead-letter.ts';
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
  it('forgets bytes that could not be read after 30 days, and the versions that S3 hides, and other objects after 400', () => {
    const rule = (Prefix: string) => ({
      Prefix,
      Status: 'Enabled',
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
    expect(lifecycleOf('EventsQuarantineBucket')).toEqual({
      Rules: [
        OLD_VERSIONS,
        ...['unreadable/', 'not-json/', 'too-large/'].map(rule),
        { Status: 'Enabled', ExpirationInDays: 400 },
      ],
    });
  });
});

describe('the bucket of dead letters', () => {
  it('forgets a letter 30 days after it was put back, and none before', () => {
    expect(REDRIVEN_PREFIX).toBe('redriven/');
    const redriven = {
      Prefix: REDRIVEN_PREFIX,
      Status: 'Enabled',
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    };
    expect(lifecycleOf('EventsDeadLetterBucket')).toEqual({ Rules: [OLD_VERSIONS, redriven] });
  });
});
