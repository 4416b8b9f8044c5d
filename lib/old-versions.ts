import { Duration } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { StageSettings } from './settings.ts';

/**
 * What was replaced or deleted stays for some weeks, to be restored after a mistake, and then is gone: payload must not outlive its
 * deletion for ever. Objects that are current stay.
 */
export function oldVersionsExpire({ retention }: Pick<StageSettings, 'retention'>): LifecycleRule {
  return {
    noncurrentVersionExpiration: Duration.days(retention.oldVersions),
    expiredObjectDeleteMarker: true,
    abortIncompleteMultipartUploadAfter: Duration.days(1),
  };
}
