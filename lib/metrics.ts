import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
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
  readonly query: IFunction;
  readonly run: StreamReader;
  readonly machine: IStateMachine;
  readonly events: IStream;
  readonly quarantine: IQueue;
  readonly tables: { readonly [name in 'windows' | 'cases' | 'incidents']: TableV2 };
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** A metric that a function of ours writes to its log (EMF); `functions/observed.ts` has the namespace. */
export function own(metricName: string, statistic: 'sum' | 'max' | 'avg' = 'sum'): Metric {
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
