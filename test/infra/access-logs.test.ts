import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesize } from './synthesized.ts';

describe('the access logs of buckets', () => {
  const buckets = resourcesOf(synthesize('prod'), 'AWS::S3::Bucket');

  it('are in one bucket, for a year, which is closed to the public', () => {
    const logs = buckets.filter(([id]) => id.startsWith('AccessLogs')).map(([, { Properties }]) => Properties);
    expect(logs).toMatchObject([
      {
        PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: {} }, { ExpirationInDays: 365 }] },
      },
    ]);
  });

  it.each(buckets.filter(([id]) => !id.startsWith('AccessLogs')))('are written for %s', (_id, { Properties }) => {
    expect(Properties.LoggingConfiguration).toEqual({
      DestinationBucketName: { Ref: expect.stringMatching(/^AccessLogs/) },
      LogFilePrefix: expect.stringMatching(/^\w+\/$/),
    });
  });
});
