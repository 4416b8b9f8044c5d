import { Duration } from 'aws-cdk-lib';
import { ProjectionType, StreamViewType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { DISPATCH_ENVIRONMENT, SWEEP_ENVIRONMENT } from '../functions/cases/config.ts';
import { historyTable, text } from './history-table.ts';
import { KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import { startsPerSecondEach } from './pacing.ts';
import type { Refunds } from './refunds.ts';
import { type DeadLetters, mapStream, type StreamReader, type StreamSource } from './stream-mapping.ts';

/** Flags that are the workflow's business: those to start, and those whose hold has ended. */
const DISPATCHED = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: {
    NewImage: { kind: { S: ['flag'] }, status: { S: ['open', 'approved', 'expired', 'kept', 'dismissed'] } },
  },
};
const SWEEP_MINUTES = 5;
/** Lists of cases and flags, in the order of their keys' numbers. Of keys alone: a write that changes none costs nothing. */
export const KEY_LISTS = ['byStatus', 'byDeadline', 'byMerchant', 'byPayer', 'byOrder', 'byCharge'] as const;
/** A full batch takes a few seconds at its pace. */
const DISPATCH_TIMEOUT_S = 60;

interface CasesProps {
  readonly context: FunctionContext;
  readonly key: IKey;
}

interface DispatchProps {
  readonly refunds: Refunds;
  readonly deadLetters: DeadLetters;
  readonly fingerprintSecret: Secret;
}

interface Dispatch {
  readonly dispatch: StreamReader;
  readonly sweep: OnechargeFunction<string>;
}

/** Flags, cases and their audit. The table's stream is the outbox: whoever must act on a flag reads it there. */
export class Cases extends Construct {
  readonly table: TableV2;
  readonly stream: StreamSource;
  private readonly context: FunctionContext;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, { context, key }: CasesProps) {
    super(scope, id);
    this.context = context;
    this.key = key;
    this.table = historyTable(this, 'Table', {
      settings: context.settings,
      key,
      sorted: true,
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      globalSecondaryIndexes: [
        { indexName: 'byCase', partitionKey: text('gsi1pk'), sortKey: text('gsi1sk') },
        ...KEY_LISTS.map((indexName, at) => ({
          indexName,
          partitionKey: text(`gsi${at + 2}pk`),
          sortKey: text(`gsi${at + 2}sk`),
          projectionType: ProjectionType.KEYS_ONLY,
        })),
      ],
    });
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw new Error('bug: the table was made with a stream');
    this.stream = { kind: 'dynamodb', arn, key };
  }

  /** Starts a workflow for each flag that is opened, and sweeps up those that were missed. */
  dispatchTo({ refunds, deadLetters, fingerprintSecret }: DispatchProps): Dispatch {
    const { context, table, key } = this;
    const machine = refunds.machine.stateMachineArn;
    const startsPerSecond = String(startsPerSecondEach(context.settings.refunds));
    const starting = { actions: ['states:StartExecution', 'states:SendTaskSuccess'], on: [machine] };
    const dispatch = new OnechargeFunction(this, 'Dispatch', {
      context,
      entry: 'cases/dispatch.lambda.ts',
      variables: DISPATCH_ENVIRONMENT,
      environment: { REFUND_STATE_MACHINE_ARN: machine, STARTS_PER_SECOND: startsPerSecond },
      memoryMiB: 512,
      timeoutSeconds: DISPATCH_TIMEOUT_S,
      concurrencyMax: context.settings.refunds.dispatchersMax,
      grants: [starting],
    });
    const mapping = mapStream(dispatch, {
      source: this.stream,
      reading: context.settings.caseStream,
      deadLetters,
      filter: DISPATCHED,
    });
    const sweep = new OnechargeFunction(this, 'Sweep', {
      context,
      entry: 'cases/sweep.lambda.ts',
      variables: SWEEP_ENVIRONMENT,
      environment: {
        CASES_TABLE: table.tableName,
        CONTROLS_TABLE: refunds.controls.tableName,
        REFUND_STATE_MACHINE_ARN: machine,
        STARTS_PER_SECOND: startsPerSecond,
        FINGERPRINT_SECRET_ARN: fingerprintSecret.secretArn,
      },
      memoryMiB: 512,
      // Less than the time between two: its share of the pace is for one.
      timeoutSeconds: 60 * (SWEEP_MINUTES - 1),
      grants: [
        starting,
        {
          actions: ['dynamodb:Query'],
          on: ['byCase', 'byStatus', 'byDeadline'].map((index) => `${table.tableArn}/index/${index}`),
        },
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], on: [table.tableArn] },
        { actions: ['dynamodb:GetItem'], on: [refunds.controls.tableArn] },
        { actions: ['secretsmanager:GetSecretValue'], on: [fingerprintSecret.secretArn] },
        { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] },
      ],
    });
    // The next sweep finds what a failed one left: retrying an old one, or keeping its empty event, helps nobody.
    sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(SWEEP_MINUTES) });
    new Rule(this, 'SweepSchedule', {
      description: 'Onecharge: flags that wait for a workflow nobody started',
      schedule: Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
      targets: [new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(SWEEP_MINUTES) })],
    });
    return { dispatch: { reader: dispatch, mapping }, sweep };
  }
}
