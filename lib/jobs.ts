import { Duration } from 'aws-cdk-lib';
import { StreamViewType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CONTROL_KEYS } from '../adapters/dynamodb/table-layouts.ts';
import { bug } from '../core/fault.ts';
import { APPROVE_ENVIRONMENT, EXPORT_ENVIRONMENT, type JobKind } from '../functions/jobs/environment.ts';
import { accessLogsOf } from './access-logs.ts';
import { caseIndexArns, historyTable, removalOf } from './history-table.ts';
import { KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import type { StageSettings } from './settings.ts';
import { type DeadLetters, mapStream, type StreamReader } from './stream-mapping.ts';

/** A job is begun by being written as queued, and goes on by being written so again. */
function queued(kind: JobKind) {
  const NewImage = { status: { S: ['queued'] }, kind: { S: [kind] } };
  return { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage } };
}

/** Twice a slice (core/jobs/run-job.ts); a job's lease is longer (core/jobs/job.ts). */
const RUN_TIMEOUT_S = 120;
/** The lists that an export's filter may read, and the flags of a case. */
const EXPORT_INDEXES = ['byCase', 'byStatus', 'byDeadline', 'byMerchant', 'byPayer', 'byOrder', 'byCharge'] as const;

interface JobsProps {
  readonly context: FunctionContext;
  readonly key: IKey;
}

interface RunnersProps {
  readonly cases: TableV2;
  readonly incidents: TableV2;
  readonly controls: TableV2;
  /** Makes and checks the MACs of approvals. */
  readonly approvalKey: IKey;
  readonly deadLetters: DeadLetters;
}

/** Each kind of job has a function of its own: what writes files cannot approve. */
export interface JobRunners {
  readonly exports: StreamReader;
  readonly approvals: StreamReader;
}

/** Work that takes longer than a request may: exports, and the approval of a whole incident. */
export class Jobs extends Construct {
  /** Its stream is the outbox: a job that was written is begun. */
  readonly table: TableV2;
  readonly exports: Bucket;
  private readonly context: FunctionContext;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { context, key }: JobsProps) {
    super(scope, id);
    this.context = context;
    this.key = key;
    const { settings } = context;
    this.table = historyTable(this, 'Table', {
      settings,
      key,
      layout: 'jobs',
      dynamoStream: StreamViewType.NEW_IMAGE,
    });
    this.exports = exportsBucket(this, { key, settings });
  }

  runners({ cases, incidents, controls, approvalKey, deadLetters }: RunnersProps): JobRunners {
    const { context, key, table, exports } = this;
    const jobs = { JOBS_TABLE: table.tableName, DEAD_LETTER_BUCKET: deadLetters.bucket.bucketName };
    const ownJob = { actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], on: [table.tableArn] };
    // Writing tables asks for more of the key than objects and the stream do.
    const tableKey = { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] };
    const writesExports = new OnechargeFunction(this, 'Export', {
      context,
      entry: 'jobs/export.lambda.ts',
      variables: EXPORT_ENVIRONMENT,
      environment: { ...jobs, EXPORTS_BUCKET: exports.bucketName, CASES_TABLE: cases.tableName },
      memoryMiB: 512,
      timeoutSeconds: RUN_TIMEOUT_S,
      grants: [
        ownJob,
        { actions: ['s3:GetObject', 's3:PutObject'], on: [exports.arnForObjects('*')] },
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'], on: [cases.tableArn] },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases, EXPORT_INDEXES) },
        tableKey,
      ],
    });
    const approves = new OnechargeFunction(this, 'Approve', {
      context,
      entry: 'jobs/approve.lambda.ts',
      variables: APPROVE_ENVIRONMENT,
      environment: {
        ...jobs,
        CASES_TABLE: cases.tableName,
        INCIDENTS_TABLE: incidents.tableName,
        CONTROLS_TABLE: controls.tableName,
        APPROVAL_KEY_ARN: approvalKey.keyArn,
      },
      memoryMiB: 512,
      timeoutSeconds: RUN_TIMEOUT_S,
      grants: [
        ownJob,
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], on: [cases.tableArn] },
        { actions: ['dynamodb:Query'], on: [...caseIndexArns(cases, ['byCase']), incidents.tableArn] },
        { actions: ['dynamodb:GetItem'], on: [controls.tableArn] },
        {
          actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
          on: [controls.tableArn],
          keys: CONTROL_KEYS.approvers,
        },
        { actions: ['kms:GenerateMac', 'kms:VerifyMac'], on: [approvalKey.keyArn] },
        tableKey,
      ],
    });
    return {
      exports: this.readerOf(writesExports, { kind: 'export', deadLetters }),
      approvals: this.readerOf(approves, { kind: 'bulk-approval', deadLetters }),
    };
  }

  private readerOf(
    reader: OnechargeFunction<string>,
    { kind, deadLetters }: { readonly kind: JobKind; readonly deadLetters: DeadLetters },
  ): StreamReader {
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw bug('the table was made with a stream');
    const mapping = mapStream(reader, {
      source: { kind: 'dynamodb', arn, key: this.key },
      reading: this.context.settings.jobStream,
      deadLetters,
      filter: queued(kind),
    });
    return { reader, mapping };
  }
}

/** Without versions: what expires must be gone. */
function exportsBucket(
  scope: Construct,
  { key, settings }: { readonly key: IKey; readonly settings: StageSettings },
): Bucket {
  return new Bucket(scope, 'Exports', {
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    enforceSSL: true,
    serverAccessLogsBucket: accessLogsOf(scope, settings),
    serverAccessLogsPrefix: 'Exports/',
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [
      { expiration: Duration.days(settings.retention.exports), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: removalOf(settings),
  });
}
