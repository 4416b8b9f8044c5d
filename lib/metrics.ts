import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
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
  readonly seal: IFunction;
  readonly api: HttpApi;
  readonly exports: StreamReader;
  readonly approvals: StreamReader;
  readonly machine: IStateMachine;
  /** Ids of the detectors. */
  readonly detectors: readonly string[];
  readonly events: IStream;
  readonly quarantine: IQueue;
  readonly tables: { readonly [name in 'charges' | 'cases' | 'incidents']: TableV2 };
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
/** Approvers decide too few flags for shares of anything shorter. */
const DAY = Duration.days(1);

/** A metric that a function of ours writes to its log (EMF); `functions/observability.ts` has the namespace. */
export function own(metricName: string, statistic: 'sum' | 'max' | 'avg' = 'sum'): Metric {
  return new Metric({
    namespace: 'Onecharge',
    metricName,
    dimensionsMap: { service: 'onecharge' },
    period: FIVE_MINUTES,
    statistic,
  });
}

/** Of a hundred flags that ended as refunded or kept, those that people kept: its rule asked them about nothing. */
export function keptPercent(detector: string): IMetric {
  return percentOf(detector, { label: `${detector}: kept`, part: 'flagsKept', whole: ['flagsKept', 'flagsRefunded'] });
}

/** Of a hundred refunds, those that were made in error. */
export function refundedInErrorPercent(detector: string): IMetric {
  return percentOf(detector, { label: `${detector}: wrong`, part: 'refundsInError', whole: ['flagsRefunded'] });
}

type Ending = 'flagsRefunded' | 'flagsKept' | 'refundsInError';

function percentOf(
  detector: string,
  { label, part, whole }: { readonly label: string; readonly part: Ending; readonly whole: readonly Ending[] },
): IMetric {
  // One graph has them of all detectors: a metric's id in it must be of the detector too.
  const idOf = (ending: Ending) => `${ending}_${detector.replaceAll('-', '_')}`;
  const dimensionsMap = { service: 'onecharge', detector };
  const counts = [part, ...whole].map((metricName) => [
    idOf(metricName),
    new Metric({ namespace: 'Onecharge', metricName, dimensionsMap, period: DAY, statistic: 'sum' }),
  ]);
  const expression = `100 * ${idOf(part)} / (${whole.map(idOf).join(' + ')})`;
  return new MathExpression({ label, expression, usingMetrics: Object.fromEntries(counts), period: DAY });
}

export function iteratorAge(reader: IFunction): Metric {
  return reader.metric('IteratorAge', { period: MINUTE, statistic: 'max' });
}

export function errorsOf(of: IFunction): Metric {
  return of.metricErrors({ period: FIVE_MINUTES });
}

/** Requests that ended as an internal error, whichever function answered them. */
export function serverErrors(api: HttpApi): Metric {
  return api.metricServerError({ period: FIVE_MINUTES, statistic: 'sum' });
}

export function ageOfOldest(queue: IQueue): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: 'max' });
}

/** Counts of a stream mapping, not of its function: only it knows what it gave up on. */
export function recordsGivenUp(mapping: EventSourceMapping): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'OnFailureDestinationDeliveredEventCount',
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    period: FIVE_MINUTES,
    statistic: 'sum',
  });
}

/**
 * Invocations refused in this account and region: concurrency is shared, so that whoever uses it up stops us too. Alarms
 * on expressions over several metrics are avoided: at most ten metrics fit in one, and no emulator knows them.
 */
export function invocationThrottles(): Metric {
  return new Metric({ namespace: 'AWS/Lambda', metricName: 'Throttles', period: FIVE_MINUTES, statistic: 'sum' });
}

/** Refused writes of a table and its indexes, whatever the operation; we read far less than we write. */
export function writeThrottles(table: TableV2): Metric {
  return table.metric('WriteThrottleEvents', { period: FIVE_MINUTES, statistic: 'sum' });
}

export function streamThrottles(stream: IStream): Metric {
  return stream.metric('WriteProvisionedThroughputExceeded', { period: FIVE_MINUTES, statistic: 'sum' });
}
