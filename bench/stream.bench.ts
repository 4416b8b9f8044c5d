import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { plainDigests } from '../adapters/crypto/digests.ts';
import { flagKey } from '../adapters/dynamodb/case-items.ts';
import { readEventFile } from '../adapters/files/event-file.ts';
import { type Aws, connect } from '../cli/aws.ts';
import { LOCAL_STAGE } from '../cli/paths.ts';
import { endOnSignals, endProcess, signalCode } from '../cli/process/ending.ts';
import { Progress } from '../cli/progress.ts';
import { putRecords } from '../cli/put-records.ts';
import { SandboxBooks } from '../cli/sandbox-books.ts';
import { seedSandbox } from '../cli/seed-sandbox.ts';
import { readOutputs, type StackOutputs } from '../cli/stack.ts';
import { flagIdOf } from '../core/detection/fingerprint.ts';
import { type SignerOf, signEvent } from '../core/events/sign-event.ts';
import { bootstrap, deploy } from '../local/deploy.ts';
import { startEmulator } from '../local/emulator.ts';
import { checkedInConfiguration } from '../local/local-configuration.ts';
import { localSigner } from '../local/local-signing.ts';
import { createNoopConsumer } from './noop-consumer.ts';
import { percentileOf, printTable, readOptions } from './report.ts';
import { traffic } from './traffic.ts';

const LOCAL = checkedInConfiguration();
const DUPLICATES = 0.006;
/** Each probe waits for its flag before the next one starts, at another phase of the emulator's polling. */
const PROBES = 40;
const PROBE_PAUSE_MS = 700;
const PROBE_MS_MAX = 60_000;
const POLL_MS = 10;
const DRAIN_MS_MAX = 600_000;
const DETECTORS = 2;

const { json, events } = readOptions({
  json: { type: 'boolean', default: false },
  /** How many are put for the sustained rate. */
  events: { type: 'string', default: '6000' },
});

endOnSignals(signalCode);
const progress = new Progress();
try {
  await main(Number(events));
} catch (error) {
  console.error(error);
  await endProcess(1);
}
await endProcess(0);

async function main(eventCount: number): Promise<void> {
  const emulator = await progress.step('emulator', (note) => startEmulator(0, note));
  await progress.step('bootstrap', (note) => bootstrap(emulator, note));
  await progress.step('deploy', (note) => deploy(emulator, LOCAL, note));
  const aws = connect(emulator);
  const outputs = await readOutputs(aws, LOCAL_STAGE);
  const stack = { aws, outputs, signerOf: await localSigner({ aws, outputs }, LOCAL.configuration) };
  const latencies = await progress.step('latency', (note) => measureLatency(stack, note));
  const ours = await progress.step('sustained', (note) => measureSustained(stack, { eventCount, note }));
  const ceiling = await progress.step('ceiling', (note) => measureCeiling(aws, { eventCount, note }));
  const figures = {
    putToFlagMsP50: Math.round(percentileOf(latencies, 0.5)),
    putToFlagMsP99: Math.round(percentileOf(latencies, 0.99)),
    eventsPerSecond: Math.round(ours.eventsPerSecond),
    ceilingEventsPerSecond: Math.round(ceiling.eventsPerSecond),
    ofCeiling: Math.round((ours.eventsPerSecond / ceiling.eventsPerSecond) * 1000) / 1000,
    putsPerSecond: Math.round(ours.putsPerSecond),
  };
  printTable(['', 'p50', 'p99'], [['put to flag, ms', String(figures.putToFlagMsP50), String(figures.putToFlagMsP99)]]);
  printTable(
    ['', 'events/s', 'of the ceiling'],
    [
      ['put, judged and flagged', String(figures.eventsPerSecond), figures.ofCeiling.toFixed(2)],
      ['the same stream into a function that does nothing', String(figures.ceilingEventsPerSecond), '1.00'],
      ['put alone', String(figures.putsPerSecond), ''],
    ],
  );
  if (json) console.log(JSON.stringify(figures));
}

interface Measured {
  readonly aws: Aws;
  readonly outputs: StackOutputs;
  readonly signerOf: SignerOf;
}

/** A charge and its duplicate together; the time until the duplicate's flag can be read. */
async function measureLatency({ aws, outputs, signerOf }: Measured, note: (text: string) => void) {
  const latencies: number[] = [];
  for (let at = 0; at < PROBES; at++) {
    const lines = traffic({ events: 2, duplicates: 0, hotRun: 2, name: `l${at}`, startMs: Date.now() });
    await seed(aws, outputs, lines);
    const id = flagIdOf({ source: '/processors/wallet', chargeId: `ch_l${at}_1` }, plainDigests);
    const { pk, sk } = flagKey(id);
    const startedMs = performance.now();
    await putLines(aws, outputs.EventsStreamName, signed(lines, signerOf));
    const get = new GetItemCommand({
      TableName: outputs.CasesTableName,
      Key: { pk: { S: pk }, sk: { S: sk } },
      ConsistentRead: true,
    });
    while ((await aws.dynamo.send(get)).Item === undefined) {
      if (performance.now() - startedMs > PROBE_MS_MAX) throw new Error(`no flag within ${PROBE_MS_MAX} ms`);
      await sleep(POLL_MS);
    }
    latencies.push(performance.now() - startedMs);
    note(`${at + 1} of ${PROBES}, last ${Math.round(latencies.at(-1) ?? 0)} ms`);
    await sleep(Math.random() * PROBE_PAUSE_MS);
  }
  // The first ones pay for the functions' cold starts.
  return latencies.slice(2);
}

interface Sustained {
  readonly eventsPerSecond: number;
  readonly putsPerSecond: number;
}

/** From the first put until a record of every charge is there, and a window of every order under each detector. */
async function measureSustained(
  { aws, outputs, signerOf }: Measured,
  { eventCount, note }: { readonly eventCount: number; readonly note: (text: string) => void },
): Promise<Sustained> {
  const lines = traffic({ events: eventCount, duplicates: DUPLICATES, name: 's', startMs: Date.now() - eventCount });
  await seed(aws, outputs, lines);
  const sent = signed(lines, signerOf);
  const told = lines.map((line) => JSON.parse(line).data);
  const orders = new Set(told.map(({ order }) => order)).size;
  const charges = new Set(told.map(({ chargeId }) => chargeId)).size;
  const items = async () => {
    const { Table } = await aws.dynamo.send(new DescribeTableCommand({ TableName: outputs.ChargesTableName }));
    return Table?.ItemCount ?? 0;
  };
  const before = await items();
  const due = before + charges + orders * DETECTORS;
  return timeDrain({
    put: () => putLines(aws, outputs.EventsStreamName, sent),
    done: items,
    due,
    eventCount,
    note: (done) => note(`${done - before} of ${due - before} records and windows`),
  });
}

async function measureCeiling(
  aws: Aws,
  { eventCount, note }: { readonly eventCount: number; readonly note: (text: string) => void },
): Promise<Sustained> {
  const consumer = await createNoopConsumer(aws);
  try {
    const lines = traffic({ events: eventCount, duplicates: DUPLICATES, name: 'c', startMs: Date.now() - eventCount });
    return await timeDrain({
      put: () => putLines(aws, consumer.streamName, lines),
      done: async () => consumer.received(),
      due: eventCount,
      eventCount,
      note: (done) => note(`${done} of ${eventCount} events`),
    });
  } finally {
    await consumer.remove();
  }
}

async function timeDrain(work: {
  readonly put: () => Promise<void>;
  readonly done: () => Promise<number>;
  readonly due: number;
  readonly eventCount: number;
  readonly note: (done: number) => void;
}): Promise<Sustained> {
  const startedMs = performance.now();
  await work.put();
  const putMs = performance.now() - startedMs;
  for (;;) {
    const done = await work.done();
    work.note(done);
    if (done >= work.due) break;
    if (performance.now() - startedMs > DRAIN_MS_MAX) throw new Error(`${done} of ${work.due} after ten minutes`);
    await sleep(POLL_MS);
  }
  const perSecond = (ms: number) => (work.eventCount / ms) * 1000;
  return { eventsPerSecond: perSecond(performance.now() - startedMs), putsPerSecond: perSecond(putMs) };
}

function signed(lines: readonly string[], signerOf: SignerOf): readonly string[] {
  return lines.map((line) => Buffer.from(signEvent(Buffer.from(line), signerOf)).toString());
}

async function putLines({ kinesis }: Aws, StreamName: string, lines: readonly string[]): Promise<void> {
  async function* records() {
    for (const line of lines) yield { bytes: Buffer.from(line), partitionKey: String(JSON.parse(line).data.payer) };
  }
  await putRecords(records(), {
    put: async (batch) => {
      const Records = batch.map(({ bytes, partitionKey }) => ({ Data: bytes, PartitionKey: partitionKey }));
      const answer = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
      return (answer.Records ?? []).map(({ ErrorCode }) => ErrorCode);
    },
    sleep,
    random: Math.random,
  });
}

/** The sandbox processor must know the charges, or their refunds fail and are tried again beside what is measured. */
async function seed(aws: Aws, { SandboxTableName }: StackOutputs, lines: readonly string[]): Promise<void> {
  if (SandboxTableName === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-bench-'));
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const books = await SandboxBooks.read(readEventFile({ file, sources: LOCAL.configuration }));
  rmSync(folder, { recursive: true });
  await seedSandbox(aws, SandboxTableName, books);
}
