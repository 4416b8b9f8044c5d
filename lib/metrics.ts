import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { EventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { StreamReader } from './stream-mapping.ts';

/** What is looked at. */
export interface Observed {
  readonly detect: StreamReader;
  readonly dispatch: StreamReader;
  readonly alert: StreamReader;
  readonly digest: IFunction;
  readonly sweep: IFunction;
  readonly query: IFunction;
  readonly tasks: { readonly [task: string]: IFunction };
  readonly machine: IStateMachine;
  readonly events: IStream;
  readonly quarantine: IQueue;
  readonly tables: { readonly [name: string]: TableV2 };
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** A metric that a function of ours writes to its log (EMF); `functions/observed.ts` has the namespace. */
export function own(metricName: string, statistic: 'sum' | 'max' = 'sum'): Metric {
  return new Metric({
    namespace: 'Onecharge',
    metricName,
    dimensionsMap: { service: 'onecharge' },
    period: FIVE_MINUTES,
    statistic,
  });
}

export function iteratorAge(reader: IFunction): Metric {
  return reader.metric('IteratorAge', { period: MINUTE, statistic: 'max' });
}

export function errorsOf(of: IFunction): Metric {
  return of.metricErrors({ period: FIVE_MINUTES });
}

export function ageOfOldest(queue: IQueue): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' });
}

/** Counts of a stream mapping, not of its function: only it knows what it gave up on. */
export function putAside(mapping: EventSourceMapping): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'OnFailureDestinationDeliveredEventCount',
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    period: FIVE_MINUTES,
    statistic: 'sum',
  });
}

/** Refused events in a hundred of those that came. */
export function quarantineShare(): IMetric {
  return new MathExpression({
    label: 'refused of a hundred',
    expression: '100 * refused / (refused + charges)',
    usingMetrics: { refused: own('quarantined'), charges: own('charges') },
    period: FIVE_MINUTES,
  });
}

/** Of the functions that work by themselves: who asks the API sees for himself that it is throttled. */
export function functionThrottles({ detect, dispatch, alert, digest, sweep, tasks }: Observed): IMetric {
  const functions = [detect.reader, dispatch.reader, alert.reader, digest, sweep, ...Object.values(tasks)];
  return sumOf(
    'throttled invocations',
    functions.map((one) => one.metricThrottles({ period: FIVE_MINUTES })),
  );
}

/** A table's own counts, whatever the operation. */
export function tableThrottles(tables: readonly TableV2[]): IMetric {
  const events = tables.flatMap((table) =>
    ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
      table.metric(name, { period: FIVE_MINUTES, statistic: 'sum' }),
    ),
  );
  return sumOf('throttled requests', events);
}

export function streamThrottles(stream: IStream): IMetric {
  return stream.metric('WriteProvisionedThroughputExceeded', { period: FIVE_MINUTES, statistic: 'sum' });
}

/** A hard limit of alarms on expressions. Source: CloudWatch user guide, limits of metric math alarms. */
const METRICS_MAX = 10;

function sumOf(label: string, metrics: readonly Metric[]): IMetric {
  if (metrics.length > METRICS_MAX) throw new Error(`bug: ${label}: an alarm takes ${METRICS_MAX} metrics`);
  // Within one graph no two metrics may have the same id.
  const names = metrics.map((_, at) => `${label.replaceAll(/[^a-z]/g, '')}${at}`);
  return new MathExpression({
    label,
    expression: names.map((name) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(names.map((name, at) => [name, metrics[at]!])), // as many names as metrics
    period: FIVE_MINUTES,
  });
}
