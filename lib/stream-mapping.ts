import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, FilterCriteria, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { KEY_FOR_OBJECTS, KEY_FOR_READS } from './key-actions.ts';
import type { Grant, OnechargeFunction } from './onecharge-function.ts';
import type { StreamReading } from './settings.ts';

export interface StreamSource {
  readonly kind: 'kinesis' | 'dynamodb';
  readonly arn: string;
  readonly key: IKey;
}

/** Where batches end that cannot be processed: with their payload, so that they can be redriven. */
export interface DeadLetters {
  readonly bucket: Bucket;
  readonly key: IKey;
}

export interface StreamReader {
  readonly reader: OnechargeFunction<string>;
  readonly mapping: EventSourceMapping;
}

interface StreamFilter {
  readonly [field: string]: unknown;
}

interface StreamMappingProps {
  readonly source: StreamSource;
  readonly reading: StreamReading;
  readonly deadLetters: DeadLetters;
  /** Only records that match it, or one of them, are delivered; without it all are. */
  readonly filter?: StreamFilter | readonly StreamFilter[];
}

/**
 * Feeds a stream to a function so that nothing is lost: from its beginning, failures reported record by record, a
 * failing batch split until the one that fails is alone, retries and age bounded, and then an object in the bucket.
 */
export function mapStream<Name extends string>(
  reader: OnechargeFunction<Name>,
  { source, reading, deadLetters, filter }: StreamMappingProps,
): EventSourceMapping {
  for (const grant of [...readingOf(source), ...writingTo(deadLetters)]) reader.allow(grant);
  return new EventSourceMapping(reader, 'Stream', {
    target: reader,
    eventSourceArn: source.arn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: reading.batchSize,
    maxBatchingWindow: Duration.seconds(reading.batchingWindowSeconds),
    parallelizationFactor: reading.parallelizationFactor,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: reading.retriesMax,
    maxRecordAge: Duration.hours(reading.recordAgeHoursMax),
    supportS3OnFailureDestination: true,
    // The destination of the library would also allow reading and deleting what was given up.
    onFailure: { bind: () => ({ destination: deadLetters.bucket.bucketArn }) },
    ...(filter === undefined ? {} : { filters: [filter].flat().map((one) => FilterCriteria.filter({ ...one })) }),
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
  });
}

/** The actions that Lambda's guide asks for, less those of enhanced fan-out. */
function readingOf({ kind, arn, key }: StreamSource): readonly Grant[] {
  const common = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
  const actions = kind === 'kinesis' ? [...common, 'DescribeStreamSummary', 'ListShards'] : common;
  return [
    { actions: actions.map((action) => `${kind}:${action}`), on: [arn] },
    { actions: KEY_FOR_READS, on: [key.keyArn] },
  ];
}

function writingTo({ bucket, key }: DeadLetters): readonly Grant[] {
  return [
    { actions: ['s3:PutObject'], on: [bucket.arnForObjects('*')] },
    { actions: ['s3:ListBucket'], on: [bucket.bucketArn] },
    { actions: KEY_FOR_OBJECTS, on: [key.keyArn] },
  ];
}
