import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord } from 'aws-lambda';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createJobStore } from '../../adapters/dynamodb/job-store.ts';
import { CASE_LINES } from '../../adapters/s3/case-lines.ts';
import { createExportFiles } from '../../adapters/s3/export-files.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { Fault } from '../../core/fault.ts';
import { type RunContext, runJob } from '../../core/jobs/run-job.ts';
import { sliceOf } from '../../core/jobs/run-task.ts';
import { logger, metrics, noteFault } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { eachRecord } from '../streams/each-record.ts';
import { jobIn } from '../streams/images.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { RUN_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(RUN_ENVIRONMENT);
const { configuration } = readConfiguration();

/** A job whose runner was ended is asked for again after so long, until its lease is over: the record must not be lost. */
const BUSY_WAIT_MS = 20_000;

const client = new DynamoDBClient({});

const context: RunContext = {
  ...systemRuntime,
  jobs: createJobStore({ client, table: environment.JOBS_TABLE }),
  slice: sliceOf({
    ...systemRuntime,
    configuration,
    digests: plainDigests,
    cases: createCaseStore({ client, table: environment.CASES_TABLE }),
    incidents: createIncidentStore({ client, table: environment.INCIDENTS_TABLE, ...systemRuntime }),
    files: createExportFiles({ client: new S3Client({}), bucket: environment.EXPORTS_BUCKET }),
    lines: CASE_LINES,
  }),
  noteFault: (jobId, error) => {
    logger.appendKeys({ jobId });
    const fault = noteFault('a slice failed', error);
    logger.removeKeys(['jobId']);
    return fault;
  },
};

/** Runs one slice of a job each time that it is written as queued: when it is asked for, and when a slice has handed it over. */
export const handler = streamHandler(
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
