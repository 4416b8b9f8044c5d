import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AlarmDefinition } from './alarm-definition.ts';
import { authorityAlarms } from './authority-alarms.ts';
import { addDashboard } from './dashboard.ts';
import {
  ageOfOldest,
  errorsOf,
  invocationThrottles,
  iteratorAge,
  type Observed,
  own,
  recordsGivenUp,
  serverErrors,
  streamThrottles,
  writeThrottles,
} from './metrics.ts';

interface MonitoringProps extends Observed {
  readonly key: IKey;
}

const LAG_MS = Duration.minutes(2).toMilliseconds();
const DAY_S = Duration.hours(24).toSeconds();
/** A processor's change of format refuses all it sends; a share of one in a hundred is more than typing errors. */
const QUARANTINE_PERCENT = 1;

/** The alarms that wake people. Each has an article of its name in the runbook. */
export class Monitoring extends Construct {
  /** For those who run the service, apart from those who must know of cases. */
  readonly operators: Topic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.operators = new Topic(this, 'Operators', {
      displayName: 'Onecharge operators',
      masterKey: props.key,
      enforceSSL: true,
    });
    this.letAlarmsPublish(props.key);
    const alarms = Object.entries(alarmDefinitionsOf(props)).map(([name, definition]) => this.alarm(name, definition));
    addDashboard(this, props, alarms);
  }

  private alarm(name: string, { metric, above, times, meaning }: AlarmDefinition): Alarm {
    const alarm = new Alarm(this, name, {
      alarmDescription: `${name}: ${meaning} (docs/runbook.md#${name})`,
      metric,
      threshold: above,
      evaluationPeriods: times,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.operators));
    return alarm;
  }

  /** A topic that has a policy has lost the one that lets alarms of its account in. */
  private letAlarmsPublish(key: IKey): void {
    const stack = Stack.of(this);
    // Alarms of this stack, by the names that CloudFormation gives them: no other account's alarm may use the service's rights.
    const resourceName = `${stack.stackName}-*`;
    const alarmArn = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const conditions = {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: { 'aws:SourceArn': alarmArn },
    };
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', { conditions });
    key.grant(alarms, 'kms:Decrypt', 'kms:GenerateDataKey');
    const { topicArn } = this.operators;
    this.operators.addToResourcePolicy(
      new PolicyStatement({ principals: [alarms], actions: ['sns:Publish'], resources: [topicArn] }),
    );
  }
}

function alarmDefinitionsOf(observed: Observed): { readonly [name: string]: AlarmDefinition } {
  return { ...flowAlarms(observed), ...refundAlarms(observed), ...authorityAlarms(), ...faultAlarms(observed) };
}

/** Is everything judged, dispatched and notified in time, and nothing given up? */
function flowAlarms({ detect, dispatch, alert, quarantine }: Observed): { readonly [name: string]: AlarmDefinition } {
  return {
    'detection-lags': {
      metric: iteratorAge(detect.reader),
      above: LAG_MS,
      times: 3,
      meaning: 'events are judged minutes after they came; surplus charges are found late',
    },
    'dispatch-lags': {
      metric: iteratorAge(dispatch.reader),
      above: LAG_MS,
      times: 3,
      meaning: 'flags wait for their refund workflow; the sweep starts those older than 10 minutes',
    },
    'alerts-lag': {
      metric: iteratorAge(alert.reader),
      above: LAG_MS,
      times: 3,
      meaning: 'notifications of cases are minutes late; bursts are noticed late',
    },
    'events-given-up': {
      metric: recordsGivenUp(detect.mapping),
      above: 0,
      times: 1,
      meaning: 'events that could not be judged lie in the dead-letter bucket, to be redriven',
    },
    'flags-given-up': {
      metric: recordsGivenUp(dispatch.mapping),
      above: 0,
      times: 1,
      meaning: 'changes of flags that could not be dispatched lie in the dead-letter bucket',
    },
    'alerts-given-up': {
      metric: recordsGivenUp(alert.mapping),
      above: 0,
      times: 1,
      meaning: 'cases without a notification are in the dead-letter bucket',
    },
    'quarantine-grows': {
      metric: own('refusedPercent', 'avg'),
      above: QUARANTINE_PERCENT,
      times: 3,
      meaning: 'more than one event in a hundred is refused: a processor has changed what it sends',
    },
    'quarantine-floods': {
      metric: own('quarantinedTogether'),
      above: 0,
      times: 1,
      meaning: 'more of one source is refused in an hour than gets items of its own: the rest is stored together',
    },
    'events-unauthentic': {
      metric: own('unauthentic'),
      above: 0,
      times: 1,
      meaning:
        'an event of a signed source came without its signature: a forgery, or a key that the sender must not use',
    },
    'quarantine-waits': {
      metric: ageOfOldest(quarantine),
      above: DAY_S,
      times: 1,
      meaning: 'quarantined events have waited for a repair for more than a day',
    },
  };
}

/** Does money go back, and does a person look where one must? */
function refundAlarms({ machine }: Observed): { readonly [name: string]: AlarmDefinition } {
  return {
    'refunds-fail': {
      metric: machine.metricFailed({ period: Duration.minutes(5) }),
      above: 0,
      times: 1,
      meaning:
        'a refund workflow failed with an internal error; if no operator redrives it, the sweep restarts it later',
    },
    'refunds-refused': {
      metric: own('refundsRefused'),
      above: 0,
      times: 1,
      meaning: 'a processor refused a refund for good; its flag waits for people',
    },
    'refunds-contested': {
      metric: own('refundsContested'),
      above: 0,
      times: 1,
      meaning: 'a dispute came upon a charge that we refund: its payer may get the money twice',
    },
    'orders-short': {
      metric: own('ordersShort'),
      above: 0,
      times: 1,
      meaning: 'after our refund an order keeps less than it owes: its merchant is out of money',
    },
    'attestations-suspended': {
      metric: own('attestationsSuspended'),
      above: 0,
      times: 1,
      meaning: 'an order contradicts what a processor attests: refunds that would rest on it wait',
    },
    'refunds-in-error': {
      metric: own('refundsInError'),
      above: 0,
      times: 1,
      meaning:
        'an approver stated that a refund was made in error: one of our rules took a meant charge for a duplicate',
    },
    'outcomes-unknown': {
      metric: own('outcomesUnknown'),
      above: 0,
      times: 1,
      meaning: 'a processor never answered what became of a refund; it is no longer asked',
    },
    'budgets-spent': {
      metric: own('budgetsSpent'),
      above: 0,
      times: 1,
      meaning: 'refunds wait because the budget of the hour is spent',
    },
    'holds-wait': {
      metric: own('holdOldestSeconds', 'max'),
      above: DAY_S,
      times: 3,
      meaning: 'a refund has waited for people for more than a day',
    },
  };
}

function faultAlarms(observed: Observed): { readonly [name: string]: AlarmDefinition } {
  const { sweep, seal, alert, digest, api, exports, approvals, events, tables } = observed;
  return {
    bugs: {
      metric: own('bugs'),
      above: 0,
      times: 1,
      meaning: 'our code met an error that no retry helps; its record, workflow, job or request ended at once',
    },
    'sweep-fails': { metric: errorsOf(sweep), above: 0, times: 3, meaning: 'flags that were missed are not found' },
    'seals-fail': {
      metric: errorsOf(seal),
      above: 0,
      times: 1,
      meaning: 'the heads of the audit chains could not be sealed; the next hour tries again',
    },
    'alerts-fail': { metric: errorsOf(alert.reader), above: 0, times: 3, meaning: 'notifications of cases fail' },
    'digests-fail': {
      metric: errorsOf(digest),
      above: 0,
      times: 2,
      meaning: 'incidents are not opened by the clock, and have neither digests nor an end',
    },
    'api-fails': { metric: serverErrors(api), above: 0, times: 3, meaning: 'cases can be neither seen nor decided' },
    'jobs-fail': {
      metric: own('jobsFailed'),
      above: 0,
      times: 1,
      meaning: 'an export or the approval of an incident ended in failure; the requester sees why',
    },
    'exports-given-up': {
      metric: recordsGivenUp(exports.mapping),
      above: 0,
      times: 1,
      meaning: 'an export has lost its runner: it stays queued or running until it is redriven',
    },
    'approvals-given-up': {
      metric: recordsGivenUp(approvals.mapping),
      above: 0,
      times: 1,
      meaning: 'the approval of an incident has lost its runner: it stays queued or running until it is redriven',
    },
    'functions-throttled': {
      metric: invocationThrottles(),
      above: 0,
      times: 3,
      meaning: 'the account has no concurrency left for our functions',
    },
    'charges-throttled': {
      metric: writeThrottles(tables.charges),
      above: 0,
      times: 3,
      meaning: 'the table of charge records and windows refuses writes: detection falls behind',
    },
    'cases-throttled': {
      metric: writeThrottles(tables.cases),
      above: 0,
      times: 3,
      meaning: 'the table of cases refuses writes: flags are raised late',
    },
    'stream-throttled': {
      metric: streamThrottles(events),
      above: 0,
      times: 3,
      meaning: 'the stream refuses events of a processor; it must try again',
    },
  };
}
