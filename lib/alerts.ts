import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { ALERT_ENVIRONMENT, DIGEST_ENVIRONMENT } from '../functions/alerts/environment.ts';
import { caseIndexArns, historyTable } from './history-table.ts';
import { KEY_FOR_MESSAGES, KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, type Grant, OnechargeFunction } from './onecharge-function.ts';
import { type DeadLetters, mapStream, type StreamReader, type StreamSource } from './stream-mapping.ts';

/** Cases, and of flags what concerns people: those that wait for them or no longer do, contested, short and unanswered ones. */
const NOTIFIED_CHANGES = [
  { kind: { S: ['case'] } },
  {
    kind: { S: ['flag'] },
    status: { S: ['held', 'approved', 'expired', 'kept', 'dismissed', 'failed', 'refunded', 'refunded-in-error'] },
  },
  // Opened anew: after a hold that had expired it waits for people no longer.
  { kind: { S: ['flag'] }, status: { S: ['open'] }, body: { M: { attempt: { N: [{ 'anything-but': ['0'] }] } } } },
  { kind: { S: ['flag'] }, body: { M: { contested: { BOOL: [true] } } } },
  { kind: { S: ['flag'] }, body: { M: { unanswered: { BOOL: [true] } } } },
  { kind: { S: ['flag'] }, body: { M: { short: { M: { why: { S: [{ exists: true }] } } } } } },
].map((NewImage) => ({ eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage } }));
/** Most records of a batch say nothing to people: larger batches than those of the workflows keep up with them. */
const BATCH_SIZE = 200;
/** An incident's report waits for twice this (core/incidents/incident.ts, DRAIN_MS). */
const ALERT_TIMEOUT_S = 30;

interface AlertsProps {
  readonly context: FunctionContext;
  readonly key: IKey;
}

interface NotifierProps {
  readonly cases: { readonly table: TableV2; readonly stream: StreamSource };
  readonly controls: TableV2;
  readonly version1Windows: TableV2 | undefined;
  readonly deadLetters: DeadLetters;
}

interface Notifiers {
  readonly alert: StreamReader;
  readonly digest: OnechargeFunction<string>;
}

/** Notifies of cases, and of bursts of cases as one incident each. */
export class Alerts extends Construct {
  readonly topic: Topic;
  /** Incidents, what they are made of, and the counts that tell a burst from a busy night. */
  readonly incidents: TableV2;
  private readonly context: FunctionContext;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { context, key }: AlertsProps) {
    super(scope, id);
    this.context = context;
    this.key = key;
    this.topic = new Topic(this, 'Topic', { displayName: 'Onecharge', masterKey: key, enforceSSL: true });
    this.incidents = historyTable(this, 'Incidents', { settings: context.settings, key, layout: 'incidents' });
  }

  /** Reads the outbox of cases, and keeps incidents every minute. */
  notifiersOf({ cases, controls, version1Windows, deadLetters }: NotifierProps): Notifiers {
    const { context, incidents } = this;
    const common = { ALERTS_TOPIC_ARN: this.topic.topicArn, INCIDENTS_TABLE: incidents.tableName };
    const reader = new OnechargeFunction(this, 'Alert', {
      context,
      entry: 'alerts/alert.lambda.ts',
      variables: ALERT_ENVIRONMENT,
      environment: {
        ...common,
        DEAD_LETTER_BUCKET: deadLetters.bucket.bucketName,
        CASES_TABLE: cases.table.tableName,
      },
      memoryMiB: 512,
      timeoutSeconds: ALERT_TIMEOUT_S,
      grants: [
        ...this.notifyGrants(),
        {
          actions: ['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:BatchWriteItem', 'dynamodb:DeleteItem'],
          on: [incidents.tableArn],
        },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases.table, ['byCase']) },
      ],
    });
    const digest = new OnechargeFunction(this, 'Digest', {
      context,
      entry: 'alerts/digest.lambda.ts',
      variables: DIGEST_ENVIRONMENT,
      environment: {
        ...common,
        CONTROLS_TABLE: controls.tableName,
        CASES_TABLE: cases.table.tableName,
        VERSION_1_WINDOWS_TABLE: version1Windows?.tableName ?? NO_VERSION_1,
      },
      memoryMiB: 1024,
      timeoutSeconds: 60,
      grants: [
        ...this.notifyGrants(),
        {
          actions: ['Get', 'BatchGet', 'Put', 'Delete'].map((act) => `dynamodb:${act}Item`).concat('dynamodb:Query'),
          on: [incidents.tableArn],
        },
        { actions: ['dynamodb:GetItem'], on: [controls.tableArn] },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases.table, ['byStatus']) },
        { actions: ['dynamodb:BatchGetItem'], on: [cases.table.tableArn] },
      ],
    });
    // The next minute does what this one could not: a run that is late helps nobody.
    digest.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new Rule(this, 'DigestSchedule', {
      description: 'Onecharge: incidents, their digests and reports',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(digest, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    const reading = { ...context.settings.caseStream, batchSize: BATCH_SIZE };
    const mapping = mapStream(reader, { source: cases.stream, reading, deadLetters, filter: NOTIFIED_CHANGES });
    return { alert: { reader, mapping }, digest };
  }

  private notifyGrants(): readonly Grant[] {
    return [
      { actions: ['sns:Publish'], on: [this.topic.topicArn] },
      { actions: [...new Set([...KEY_FOR_TABLE_WRITES, ...KEY_FOR_MESSAGES])], on: [this.key.keyArn] },
    ];
  }
}
