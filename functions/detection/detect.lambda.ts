import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { KinesisStreamRecord } from 'aws-lambda';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { noteAttestations } from '../../adapters/dynamodb/attested-since.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { checkDefinitions, createDetectorsSince } from '../../adapters/dynamodb/detector-definitions.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createLagStore } from '../../adapters/dynamodb/lag-store.ts';
import { createQuarantineWriter } from '../../adapters/dynamodb/quarantine-writer.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { createRefusalStore } from '../../adapters/dynamodb/refusal-store.ts';
import { noteNamespaces } from '../../adapters/dynamodb/source-namespaces.ts';
import { createSuspensionStore } from '../../adapters/dynamodb/suspension-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createQuarantine } from '../../adapters/s3/quarantine.ts';
import { createFingerprintKeys } from '../../adapters/secrets/fingerprint-key.ts';
import { createSigningKeys } from '../../adapters/secrets/signing-keys.ts';
import { every, systemRuntime } from '../../adapters/system-runtime.ts';
import type { Ms } from '../../core/brands.ts';
import { raiseFlags } from '../../core/cases/raise-flags.ts';
import { type DetectContext, detect } from '../../core/detection/detect.ts';
import { createLagWatch } from '../../core/detection/reader-lag.ts';
import { createChargeMeter, type JudgedBatch } from '../../core/incidents/charge-meter.ts';
import { budgetedQuarantine } from '../../core/incidents/refusal-budget.ts';
import { logger, metrics } from '../observability.ts';
import { once } from '../once.ts';
import { readConfiguration } from '../read-configuration.ts';
import { numberOf, readEnvironment } from '../read-environment.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { DETECT_ENVIRONMENT, UNREADABLE } from './environment.ts';

const environment = readEnvironment(DETECT_ENVIRONMENT);
const { configuration, configurationHash } = readConfiguration();

const dynamodb = new DynamoDBClient({});
// Even without a logger it copies each request and each response for one: a twentieth of what a charge costs.
dynamodb.middlewareStack.remove('loggerMiddleware');

const incidents = createIncidentStore({
  client: dynamodb,
  table: environment.INCIDENTS_TABLE,
  ...systemRuntime,
});
const refusals = createRefusalStore({
  client: dynamodb,
  table: environment.INCIDENTS_TABLE,
  countedMax: configuration.quarantine.alertAfter,
});
const meter = createChargeMeter({ note: (count) => incidents.noteChargesProcessed(count), ...systemRuntime });

const lagWatch = createLagWatch({
  lag: createLagStore({ client: dynamodb, table: environment.CHARGES_TABLE }),
  nowMs: systemRuntime.nowMs,
  every,
  failed: (error) => logger.warn('lag not reported', { error }),
});

const secrets = new SecretsManagerClient({});
const readDigests = createFingerprintKeys({
  client: secrets,
  secretArn: environment.FINGERPRINT_SECRET_ARN,
  ...systemRuntime,
});

const signingKeys = createSigningKeys({
  client: secrets,
  secretArn: environment.SIGNING_SECRET_ARN,
  stage: environment.STAGE,
  ...systemRuntime,
});

const context = once(async (): Promise<Omit<DetectContext, 'digests'>> => {
  const charges = { client: dynamodb, table: environment.CHARGES_TABLE, ...systemRuntime };
  await checkDefinitions(configuration.detectors, charges);
  await noteAttestations(configuration.sources, charges);
  const namespaces = await noteNamespaces(configuration.sources, charges);
  const cases = createCaseStore({ client: dynamodb, table: environment.CASES_TABLE });
  const detectorsSince = createDetectorsSince(configuration.detectors, charges);
  return {
    ...systemRuntime,
    configuration,
    namespaces,
    signingKeys,
    records: createRecordStore(charges),
    windows: createWindowStore(charges),
    suspensions: createSuspensionStore({ client: dynamodb, table: environment.INCIDENTS_TABLE }),
    raiseFlags: (views, actor) =>
      raiseFlags(views, actor, {
        ...systemRuntime,
        configuration,
        configurationHash,
        digests: plainDigests,
        cases,
        detectorsSince,
      }),
    quarantine: budgetedQuarantine({
      quarantine: createQuarantine({
        index: createQuarantineWriter({ dynamodb, table: environment.QUARANTINE_TABLE }),
        sources: configuration,
        s3: new S3Client({}),
        sqs: new SQSClient({}),
        bucket: environment.QUARANTINE_BUCKET,
        unreadablePrefix: UNREADABLE.prefix,
        keyArn: environment.QUARANTINE_KEY_ARN,
        queueUrl: environment.QUARANTINE_QUEUE_URL,
        days: numberOf(environment, 'QUARANTINE_DAYS'),
      }),
      refusals,
      sources: configuration,
      digests: plainDigests,
      nowMs: systemRuntime.nowMs,
    }),
  };
});

/** Judges a batch of payment events. */
export const handler = streamHandler(
  { kind: 'events', bucket: environment.DEAD_LETTER_BUCKET },
  async (batch: readonly KinesisStreamRecord[]) => {
    const records = batch.map(({ kinesis }) => ({
      bytes: Buffer.from(kinesis.data, 'base64'),
      arrivedMs: Math.round(kinesis.approximateArrivalTimestamp * 1000),
    }));
    const oldestMs = Math.min(...records.map(({ arrivedMs }) => arrivedMs));
    const judge = async () => detect(records, { ...(await context()), digests: await readDigests() });
    const { failures, counts, processed, acceptedBySource } = await lagWatch.during(oldestMs, judge);
    if (records.length > 0) {
      metrics.addMetric('refusedPercent', MetricUnit.Percent, (100 * counts.quarantined) / records.length);
    }
    await countProcessed(records, { charges: processed, acceptedBySource });
    for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, value);
    logger.info('batch judged', { records: records.length, ...counts });
    for (const { error } of failures.slice(0, 3)) logger.warn('record not judged', { error });
    return failures;
  },
);

/** What incidents are measured against. A count that is lost must not bring a judged batch again. */
async function countProcessed(
  records: readonly { readonly arrivedMs: Ms }[],
  judged: Pick<JudgedBatch, 'charges' | 'acceptedBySource'>,
): Promise<void> {
  const newestMs = records.reduce((newest, { arrivedMs }) => Math.max(newest, arrivedMs), 0);
  const lagMs = Math.max(0, systemRuntime.nowMs() - newestMs);
  metrics.addMetric('lagMs', MetricUnit.Milliseconds, lagMs);
  try {
    await meter.count({ ...judged, records: records.length, lagMs });
  } catch (error) {
    logger.warn('processed charges not counted', { charges: judged.charges.length, error });
  }
}
