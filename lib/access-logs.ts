import { Duration, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { removalOf } from './history-table.ts';
import { oldVersionsExpire } from './old-versions.ts';
import type { StageSettings } from './settings.ts';

const ID = 'AccessLogs';

/**
 * Returns the stack's one bucket for the access logs of its buckets: who read which object. S3 delivers them to a bucket under its own
 * key alone. They name objects and contain no payload.
 */
export function accessLogsOf(scope: Construct, settings: StageSettings): IBucket {
  const stack = Stack.of(scope);
  const existing = stack.node.tryFindChild(ID);
  // Casts, for the library's own class and interface contradict each other under exactOptionalPropertyTypes.
  if (existing instanceof Bucket) return existing as IBucket;
  return new Bucket(stack, ID, {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [
      oldVersionsExpire(settings),
      // A rule of its own: S3 takes no age beside the end of delete markers.
      { expiration: Duration.days(settings.retention.logs) },
    ],
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: removalOf(settings),
  }) as IBucket;
}
