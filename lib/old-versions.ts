import { Duration } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';

/**
 * What was replaced or deleted stays for a month, to be restored after a mistake, and then is gone: payload must not outlive its
 * deletion for ever. Objects that are current stay.
 */
export const OLD_VERSIONS_EXPIRE: LifecycleRule = {
  noncurrentVersionExpiration: Duration.days(30),
  expiredObjectDeleteMarker: true,
  abortIncompleteMultipartUploadAfter: Duration.days(1),
};
