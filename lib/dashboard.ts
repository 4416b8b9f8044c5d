import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import {
  invocationThrottles,
  iteratorAge,
  keptPercent,
  type Observed,
  own,
  recordsGivenUp,
  refundedInErrorPercent,
  streamThrottles,
  writeThrottles,
} from './metrics.ts';

const WIDTH = 24;
const HALF = WIDTH / 2;
const HEIGHT = 6;

/** One page from the question that comes first, is anything wrong, to where it is. */
export function addDashboard(scope: Construct, observed: Observed, alarms: readonly Alarm[]): Dashboard {
  const { detect, dispatch, alert, exports, approvals, machine, detectors, events, tables } = observed;
  const rows: readonly (readonly IWidget[])[] = [
    [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH, height: 4 })],
    [
      new SingleValueWidget({
        title: 'Now',
        metrics: [own('charges'), own('duplicates'), own('casesOpened'), own('incidentsOpen', 'max')],
        width: WIDTH,
        height: 3,
      }),
    ],
    [
      graph('Charges', [own('charges')], [own('duplicates')]),
      graph('Lag, ms', [iteratorAge(detect.reader), iteratorAge(dispatch.reader), iteratorAge(alert.reader)]),
    ],
    [
      graph('Cases', [own('casesOpened'), own('casesFolded')], [own('incidentsOpen', 'max')]),
      graph('Refund workflows', [machine.metricStarted(), machine.metricSucceeded(), machine.metricFailed()]),
    ],
    [
      graph('Refunds that need people', [
        own('refundsRefused'),
        own('refundsContested'),
        own('ordersShort'),
        own('outcomesUnknown'),
        own('budgetsSpent'),
        own('refundsBeyondCap'),
        own('holdsEscalated'),
        own('holdsExpired'),
      ]),
      graph('Oldest hold, seconds', [own('holdOldestSeconds', 'max')]),
    ],
    [
      graph('Kept, % of a day, by detector', detectors.map(keptPercent)),
      graph('Refunded in error, % of a day, by detector', detectors.map(refundedInErrorPercent)),
    ],
    [
      graph('Quarantine', [own('quarantined'), own('quarantinedTogether')], [own('refusedPercent', 'avg')]),
      graph(
        'Put aside',
        [detect, dispatch, alert, exports, approvals].map(({ mapping }) => recordsGivenUp(mapping)),
      ),
    ],
    [
      graph('Throttles', [
        invocationThrottles(),
        ...Object.values(tables).map(writeThrottles),
        streamThrottles(events),
      ]),
      graph('Replays, late events, and facts before their capture', [own('replays'), own('late'), own('uncaptured')]),
    ],
  ];
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: Stack.of(scope).stackName,
    defaultInterval: Duration.hours(3),
    widgets: rows.map((row) => [...row]),
  });
}

function graph(title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left: [...left], right: [...right], width: HALF, height: HEIGHT });
}
