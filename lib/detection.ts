import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DETECT_ENVIRONMENT } from '../functions/detection/environment.ts';
import type { Events } from './events.ts';
import { historyTable } from './history-table.ts';
import { KEY_FOR_MESSAGES, KEY_FOR_OBJECTS, KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import { mapStream, type StreamReader } from './stream-mapping.ts';

interface DetectionProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly events: Events;
  readonly cases: TableV2;
  readonly incidents: TableV2;
  readonly fingerprintSecret: Secret;
  readonly signingSecret: Secret;
}

/** Judges each payment event against charge records and windows and raises flags. It starts nothing else. */
export class Detection extends Construct {
  /** Charge records and windows: the only arbiters of what stands, is a duplicate and is owed. */
  readonly charges: TableV2;
  /**
   * The table of version 1, under the id that it had there: an update keeps it with all its windows. Stages that keep no
   * history have none: theirs would go with the stack.
   */
  readonly version1Windows: TableV2 | undefined;
  readonly detect: StreamReader;

  constructor(scope: Construct, id: string, props: DetectionProps) {
    super(scope, id);
    const { context, key, events, cases, incidents, fingerprintSecret, signingSecret } = props;
    const { settings } = context;
    const { quarantine, rawKey } = events;
    this.charges = historyTable(this, 'Charges', { settings, key, layout: 'charges' });
    this.version1Windows = settings.keepsHistory
      ? historyTable(this, 'Windows', { settings, key, layout: 'windows' })
      : undefined;
    const reader = new OnechargeFunction(this, 'Detect', {
      context,
      entry: 'detection/detect.lambda.ts',
      variables: DETECT_ENVIRONMENT,
      environment: {
        CHARGES_TABLE: this.charges.tableName,
        CASES_TABLE: cases.tableName,
        INCIDENTS_TABLE: incidents.tableName,
        QUARANTINE_TABLE: quarantine.table.tableName,
        QUARANTINE_BUCKET: quarantine.bucket.bucketName,
        QUARANTINE_KEY_ARN: rawKey.keyArn,
        QUARANTINE_QUEUE_URL: quarantine.queue.queueUrl,
        QUARANTINE_DAYS: String(settings.retention.quarantine),
        FINGERPRINT_SECRET_ARN: fingerprintSecret.secretArn,
        SIGNING_SECRET_ARN: signingSecret.secretArn,
        STAGE: settings.stage,
        DEAD_LETTER_BUCKET: events.deadLetters.bucket.bucketName,
      },
      memoryMiB: settings.detect.memoryMiB,
      timeoutSeconds: 60,
      grants: [
        {
          actions: ['dynamodb:PartiQLInsert', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          on: [this.charges.tableArn],
        },
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], on: [cases.tableArn] },
        { actions: ['dynamodb:UpdateItem'], on: [incidents.tableArn] },
        { actions: ['dynamodb:UpdateItem'], on: [quarantine.table.tableArn] },
        { actions: ['s3:PutObject'], on: [quarantine.bucket.arnForObjects('*')] },
        { actions: ['sqs:SendMessage'], on: [quarantine.queue.queueArn] },
        { actions: ['secretsmanager:GetSecretValue'], on: [fingerprintSecret.secretArn, signingSecret.secretArn] },
        { actions: [...new Set([...KEY_FOR_TABLE_WRITES, ...KEY_FOR_MESSAGES])], on: [key.keyArn] },
        { actions: KEY_FOR_OBJECTS, on: [key.keyArn, rawKey.keyArn] },
      ],
    });
    const mapping = mapStream(reader, {
      source: { kind: 'kinesis', arn: events.stream.streamArn, key },
      reading: settings.detect,
      deadLetters: events.deadLetters,
    });
    this.detect = { reader, mapping };
  }
}
