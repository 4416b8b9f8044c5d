import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { Fault } from '../../core/fault.ts';
import { type RunContext, runJob, type Slice } from '../../core/jobs/run-job.ts';
import { logger, metrics, noteFault } from '../observability.ts';
import { eachRecord } from '../streams/each-record.ts';
import { jobIn } from '../streams/images.ts';
import { streamHandler } from '../streams/stream-handler.ts';

/** A job whose runner was ended is asked for again after so long, until its lease is over: the record must not be lost. */
const BUSY_WAIT_MS = 20_000;

/** Runs one slice of a job each time that it is written as queued: when it is asked for, and when a slice has handed it over. */
export function jobHandler({
  client,
  environment,
  slice,
}: {
  readonly client: DynamoDBClient;
  readonly environment: { readonly JOBS_TABLE: string; readonly DEAD_LETTER_BUCKET: string };
  readonly slice: Slice;
}) {
  const context: RunContext = {
    ...systemRuntime,
    jobs: createJobStore({ client, table: environment.JOBS_TABLE }),
    slice,
    noteFault: (jobId, error) => {
      logger.appendKeys({ jobId });
      const fault = noteFault('a slice failed', error);
      logger.removeKeys(['jobId']);
      return fault;
    },
  };
  return streamHandler(
    { kind: 'changes', bucket: environment.DEAD_LETTER_BUCKET },
    (records: readonly DynamoDBRecord[]) =>
      eachRecord(records, async ({ dynamodb }) => {
        // A job that expired has no new image.
        const job = jobIn(dynamodb?.NewImage);
        if (job === undefined) return;
        const { id: jobId, task } = job;
        const ran = await runJob(jobId, context);
        logger.info('slice of a job', { jobId, kind: task.kind, ran });
        if (ran === 'failed') metrics.addMetric('jobsFailed', MetricUnit.Count, 1);
        if (ran !== 'busy' && ran !== 'lost') return;
        await systemRuntime.sleep(BUSY_WAIT_MS);
        throw new Fault('job-leased', `job ${jobId} is leased by another worker`);
      }),
  );
}
