import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoDbLocal } from '../test/fixtures/dynamodb-local.ts';
import { createTable } from '../test/fixtures/tables.ts';
import { bundle, type Handler, LAMBDA_ENVIRONMENT, ROOT } from './bundle.ts';
import { delayOf, FLOODS, type Flood, floodOf } from './flood.ts';
import { startMeter } from './meter.ts';
import { type ObjectStore, startObjectStore } from './object-store.ts';
import { printTable, readOptions } from './report.ts';
import { runBatches } from './run-batches.ts';
import { traffic } from './traffic.ts';

/** The batch size of the stack's mapping. */
const BATCH = 200;
/** What one shard takes (Kinesis): all of it refused, save one charge in a batch. */
const REFUSED_PER_SECOND = 1_000;
const FLOOD_SECONDS = 60;
/** The fastest round counts: other work on the machine can only add to it. */
const ROUNDS = 12;

const { json, beside } = readOptions({
  json: { type: 'boolean', default: false },
  /** The checkout of another version: its function runs beside this version's. */
  beside: { type: 'string' },
});
Object.assign(process.env, LAMBDA_ENVIRONMENT);

interface Contender {
  readonly name: string;
  readonly handler: Handler;
}

interface Figures {
  readonly contender: string;
  readonly flood: Flood;
  readonly goodMs: number;
  readonly floodMs: number;
  readonly objectsPerRecord: number;
  readonly messagesPerRecord: number;
  readonly delaySeconds: number;
}

const { client, endpoint, stop } = await startDynamoDbLocal();
const meter = await startMeter(endpoint);
const store = await startObjectStore();
try {
  await main();
} finally {
  await store.close();
  await meter.close();
  await stop();
}

async function main(): Promise<void> {
  const roots = [['this version', ROOT], ...(beside === undefined ? [] : [[beside, beside]])] as const;
  const contenders: Contender[] = [];
  for (const [name = '', root = ROOT] of roots) contenders.push({ name, handler: await load(client, root) });
  const figures: Figures[] = [];
  for (const flood of FLOODS) figures.push(...(await measure(contenders, flood, store)));
  printTable(
    ['', '200 good, ms', '199 refused, ms', 'ratio', 'objects/record', 'messages/record', 'delay, s'],
    figures.map((each) => [
      `${each.contender}, ${each.flood}`,
      each.goodMs.toFixed(0),
      each.floodMs.toFixed(0),
      (each.floodMs / each.goodMs).toFixed(2),
      each.objectsPerRecord.toFixed(3),
      each.messagesPerRecord.toFixed(3),
      each.delaySeconds.toFixed(1),
    ]),
  );
  console.log(
    `Delay: of a good charge behind ${REFUSED_PER_SECOND} refused records a second on one shard and key, after ${FLOOD_SECONDS} s.`,
  );
  if (json) console.log(JSON.stringify(figures));
}

/** The function over tables of its own, in an execution environment of its own. */
async function load(dynamo: DynamoDBClient, root: string): Promise<Handler> {
  const configuration = JSON.parse(readFileSync(join(ROOT, 'configuration', 'prod.json'), 'utf8'));
  const detect = await bundle('functions/detection/detect.lambda.ts', configuration, root);
  return detect.load({
    CHARGES_TABLE: await createTable(dynamo, 'charges'),
    CASES_TABLE: await createTable(dynamo, 'cases'),
    INCIDENTS_TABLE: await createTable(dynamo, 'incidents'),
    QUARANTINE_TABLE: await createTable(dynamo, 'quarantine'),
    QUARANTINE_BUCKET: 'quarantine',
    QUARANTINE_KEY_ARN: 'arn:aws:kms:us-east-1:000000000000:key/bench',
    QUARANTINE_QUEUE_URL: `${store.endpoint}/000000000000/quarantine`,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: meter.endpoint,
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ENDPOINT_URL_SQS: store.endpoint,
  });
}

/** All contenders batch by batch in turn, so that the machine's other work hits all alike. */
async function measure(
  contenders: readonly Contender[],
  flood: Flood,
  { read }: ObjectStore,
): Promise<readonly Figures[]> {
  const samples = contenders.map(({ name }) => ({
    name,
    good: [] as number[],
    floodMs: [] as number[],
    objects: 0,
    messages: 0,
  }));
  // The first round warms up: connections, V8, and the budget of the hour.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, { handler, name }] of contenders.entries()) {
      const startMs = Date.now() - BATCH;
      const options = { duplicates: 0, name: `${flood}-${at}-${round}`, startMs };
      const good = await runBatches(handler, traffic({ ...options, events: BATCH }), Date.now());
      read();
      const [charge = ''] = traffic({ ...options, name: `${options.name}-behind`, events: 1 });
      const lines = [...floodOf({ flood, records: BATCH - 1, name: `${name}-${round}`, startMs }), charge];
      const flooded = await runBatches(handler, lines, Date.now());
      const sample = samples[at];
      if (round === 0 || sample === undefined) continue;
      const { objects, messages } = read();
      sample.good.push(good.seconds * 1_000);
      sample.floodMs.push(flooded.seconds * 1_000);
      sample.objects += objects;
      sample.messages += messages;
    }
  }
  const refused = ROUNDS * (BATCH - 1);
  return samples.map(({ name, good, floodMs, objects, messages }) => ({
    contender: name,
    flood,
    goodMs: Math.min(...good),
    floodMs: Math.min(...floodMs),
    objectsPerRecord: objects / refused,
    messagesPerRecord: messages / refused,
    delaySeconds:
      delayOf({ batchMs: Math.min(...floodMs), batch: BATCH, perSecond: REFUSED_PER_SECOND, seconds: FLOOD_SECONDS }) /
      1_000,
  }));
}
