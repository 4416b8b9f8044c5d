import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockMode,
  type ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { SEAL_ENVIRONMENT } from '../functions/cases/environment.ts';
import { accessLogsOf } from './access-logs.ts';
import { caseIndexArns, removalOf } from './history-table.ts';
import { KEY_FOR_TABLE_READS } from './key-actions.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import type { StageSettings } from './settings.ts';

interface SealsProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly cases: TableV2;
}

export interface Seals {
  readonly bucket: Bucket;
  readonly seal: OnechargeFunction<string>;
}

/** Objects outlive their lock by this; then what can be deleted is. */
const AFTER_LOCK = Duration.days(30);
/** As long as a function may run: a page of a hundred cases takes some tens of milliseconds. */
const TIMEOUT_S = 900;

/** Once a day the heads of all audit chains go where nobody can change them, those who run the service included. */
export function sealChains(scope: Construct, { context, key, cases }: SealsProps): Seals {
  const bucket = sealBucket(scope, context.settings);
  const seal = new OnechargeFunction(scope, 'Seal', {
    context,
    entry: 'cases/seal.lambda.ts',
    variables: SEAL_ENVIRONMENT,
    environment: {
      CASES_TABLE: cases.tableName,
      SEAL_BUCKET: bucket.bucketName,
      CASE_DAYS: String(context.settings.retention.cases),
    },
    memoryMiB: 512,
    timeoutSeconds: TIMEOUT_S,
    grants: [
      { actions: ['dynamodb:Query'], on: caseIndexArns(cases, ['byStatus']) },
      { actions: ['dynamodb:BatchGetItem'], on: [cases.tableArn] },
      { actions: ['s3:ListBucketVersions'], on: [bucket.bucketArn] },
      { actions: ['s3:PutObject', 's3:GetObjectVersion'], on: [bucket.arnForObjects('*')] },
      { actions: KEY_FOR_TABLE_READS, on: [key.keyArn] },
    ],
  });
  // The next hour seals what this one could not.
  seal.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.hours(1) });
  new Rule(scope, 'SealSchedule', {
    description: 'Onecharge: the heads of all audit chains, once a day; the other runs find that it is done',
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [new LambdaFunction(seal, { retryAttempts: 0, maxEventAge: Duration.hours(1) })],
  });
  return { bucket, seal };
}

/**
 * Under S3's own key, unlike all else: what is in it are hashes and opaque ids, and whoever schedules the deletion of our
 * key must not take the proof along.
 */
function sealBucket(scope: Construct, settings: StageSettings): Bucket {
  const { lock } = settings.seals;
  const kept = Duration.days(settings.retention.seals);
  return new Bucket(scope, 'SealBucket', {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention: { mode: ObjectLockMode[lock], duration: kept } satisfies ObjectLockRetention,
    lifecycleRules: [
      {
        expiration: kept.plus(AFTER_LOCK),
        noncurrentVersionExpiration: kept.plus(AFTER_LOCK),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    serverAccessLogsBucket: accessLogsOf(scope, settings),
    serverAccessLogsPrefix: 'SealBucket/',
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: removalOf(settings),
  });
}
