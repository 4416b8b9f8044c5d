import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CONTROL_KEYS, NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { DISPATCH_ENVIRONMENT, SWEEP_ENVIRONMENT } from '../functions/refunds/environment.ts';
import type { Cases } from './cases.ts';
import { caseIndexArns } from './history-table.ts';
import { KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import { startsPerSecondEach } from './pacing.ts';
import type { Refunds } from './refunds.ts';
import { type DeadLetters, mapStream, type StreamReader } from './stream-mapping.ts';

/** Flags that are the workflow's business: those to start, and those whose hold has ended. */
const DISPATCHED = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: {
    NewImage: { kind: { S: ['flag'] }, status: { S: ['open', 'approved', 'expired', 'kept', 'dismissed'] } },
  },
};
const SWEEP_MINUTES = 5;
/** A full batch takes a few seconds at its pace. */
const DISPATCH_TIMEOUT_S = 60;

interface DispatchProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly charges: TableV2;
  readonly cases: Cases;
  readonly deadLetters: DeadLetters;
}

interface Dispatch {
  readonly dispatch: StreamReader;
  readonly sweep: OnechargeFunction<string>;
}

/** Starts a workflow for each flag that is opened, and sweeps up those that were missed. */
export function dispatchFlags(
  refunds: Refunds,
  { context, key, charges, cases, deadLetters }: DispatchProps,
): Dispatch {
  const machine = refunds.machine.stateMachineArn;
  const startsPerSecond = String(startsPerSecondEach(context.settings.refunds));
  const starting = { actions: ['states:StartExecution', 'states:SendTaskSuccess'], on: [machine] };
  const dispatch = new OnechargeFunction(refunds, 'Dispatch', {
    context,
    entry: 'refunds/dispatch.lambda.ts',
    variables: DISPATCH_ENVIRONMENT,
    environment: {
      REFUND_STATE_MACHINE_ARN: machine,
      STARTS_PER_SECOND: startsPerSecond,
      DEAD_LETTER_BUCKET: deadLetters.bucket.bucketName,
    },
    memoryMiB: 512,
    timeoutSeconds: DISPATCH_TIMEOUT_S,
    concurrencyMax: context.settings.refunds.dispatchersMax,
    grants: [starting],
  });
  const mapping = mapStream(dispatch, {
    source: cases.stream,
    reading: context.settings.caseStream,
    deadLetters,
    filter: DISPATCHED,
  });
  const sweep = new OnechargeFunction(refunds, 'Sweep', {
    context,
    entry: 'refunds/sweep.lambda.ts',
    variables: SWEEP_ENVIRONMENT,
    environment: {
      CHARGES_TABLE: charges.tableName,
      CASES_TABLE: cases.table.tableName,
      CASE_DAYS: String(context.settings.retention.cases),
      CONTROLS_TABLE: refunds.controls.tableName,
      VERSION_1_WINDOWS_TABLE: refunds.version1Windows?.tableName ?? NO_VERSION_1,
      REFUND_STATE_MACHINE_ARN: machine,
      STARTS_PER_SECOND: startsPerSecond,
    },
    memoryMiB: 512,
    // Less than the time between two: its share of the pace is for one.
    timeoutSeconds: 60 * (SWEEP_MINUTES - 1),
    grants: [
      starting,
      { actions: ['dynamodb:Query'], on: caseIndexArns(cases.table, ['byCase', 'byStatus', 'byDeadline']) },
      { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], on: [cases.table.tableArn] },
      // Cases whose time is over: it alone deletes them.
      {
        actions: ['dynamodb:Query', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
        on: [cases.table.tableArn],
      },
      { actions: ['dynamodb:BatchGetItem'], on: [charges.tableArn] },
      { actions: ['dynamodb:GetItem'], on: [refunds.controls.tableArn] },
      {
        actions: ['dynamodb:PutItem'],
        on: [refunds.controls.tableArn],
        keys: [...CONTROL_KEYS.migration, ...CONTROL_KEYS.raiseEnds],
      },
      ...(refunds.version1Windows === undefined
        ? []
        : [{ actions: ['dynamodb:Scan'], on: [refunds.version1Windows.tableArn] }]),
      { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] },
    ],
  });
  // The next sweep finds what a failed one left: retrying an old one, or keeping its empty event, helps nobody.
  sweep.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(SWEEP_MINUTES) });
  new Rule(refunds, 'SweepSchedule', {
    description: 'Onecharge: flags whose workflow was not started',
    schedule: Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
    targets: [new LambdaFunction(sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(SWEEP_MINUTES) })],
  });
  return { dispatch: { reader: dispatch, mapping }, sweep };
}
