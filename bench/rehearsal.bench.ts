import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { countFlags } from '../adapters/dynamodb/flag-index.ts';
import { createIncidentStore } from '../adapters/dynamodb/incident-store.ts';
import { putTo } from '../adapters/kinesis/stream.ts';
import { connect } from '../cli/aws.ts';
import { LOCAL_STAGE } from '../cli/paths.ts';
import { endOnSignals, endProcess, signalCode } from '../cli/process/ending.ts';
import { putRecords } from '../cli/put-records.ts';
import { seedSandbox } from '../cli/seed-sandbox.ts';
import { type Deployment, readOutputs } from '../cli/stack.ts';
import type { Alert } from '../core/alerts/alert.ts';
import { parseEvent } from '../core/events/parse-event.ts';
import { signEvent } from '../core/events/sign-event.ts';
import { NOT_YET_SIGNED } from '../core/events/signatures.ts';
import { addTotals, NOTHING } from '../core/incidents/totals.ts';
import { bootstrap, deploy } from '../local/deploy.ts';
import { startEmulator } from '../local/emulator.ts';
import { checkedInConfiguration } from '../local/local-configuration.ts';
import { localSigner } from '../local/local-signing.ts';
import { hearAlerts } from './rehearsal-alerts.ts';
import { percentileOf, printTable, readOptions } from './report.ts';
import { traffic } from './traffic.ts';

/**
 * The mass incident, rehearsed on the deployed stack: a calm stretch of a sale, then a minute in which one event in
 * twenty-five charges an order again, at the merchant of which the local configuration takes few cases for an incident. Says whether there was one incident, whether its digests add up, whether a flag was lost,
 * whether detection was slower than in the calm minute, and how fast the money went back. Takes some eight minutes.
 */
const options = readOptions({
  events: { type: 'string', default: '50000' },
  duplicates: { type: 'string', default: '2000' },
  seconds: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
});
const LOCAL = checkedInConfiguration();
const EVENTS = Number(options.events);
const SECONDS = Number(options.seconds);
const SHARE = Number(options.duplicates) / EVENTS;
/** Enough to know the pace of detection without duplicates. */
const CALM_EVENTS = Math.min(5_000, EVENTS / 10);
const MERCHANT = 'm_rehearsal';
const POLL_MS = 3_000;
/** So many times as long as a look took, there is none. */
const LOOKS_REST = 9;
const WITHIN_MS = 40 * 60_000;

interface Sample {
  /** Charge records and windows. */
  readonly items: number;
  readonly lagMs: number;
}

endOnSignals(signalCode);
const deployment = await bringUp();
const { aws, outputs } = deployment;
const signerOf = await localSigner(deployment, LOCAL.configuration);
const incidents = createIncidentStore({
  client: aws.dynamo,
  table: outputs.IncidentsTableName,
  nowMs: Date.now,
  random: Math.random,
  sleep: (ms: number) => sleep(ms),
});
const hearing = await hearAlerts(aws, outputs.AlertsTopicArn);

say(`calm: ${CALM_EVENTS} events`);
const calm = await play('calm', { events: CALM_EVENTS, duplicates: 0 });
say(`the incident: ${EVENTS} events with ${options.duplicates} duplicates`);
const burst = await play('burst', { events: EVENTS, duplicates: SHARE });
say('refunds');
const refunds = await untilRefunded(burst.duplicates, burst.startedMs);
say('the end of the incident');
const alerts = await untilClosed();
await report(alerts);
await hearing.close();
await endProcess(0);

async function bringUp(): Promise<Deployment> {
  const emulator = await startEmulator(0, () => {});
  await bootstrap(emulator, () => {});
  await deploy(emulator, LOCAL, () => {});
  const aws = connect(emulator);
  return { aws, outputs: await readOutputs(aws, LOCAL_STAGE) };
}

/** Puts events on the stream evenly over the time, and waits until all are judged. */
async function play(name: string, { events, duplicates }: { readonly events: number; readonly duplicates: number }) {
  const lines = traffic({ events, duplicates, name, startMs: Date.now() - events }).map((line) =>
    line.replace(/"merchant":"\w+"/, `"merchant":"${MERCHANT}"`),
  );
  const charges = lines.map(chargeOf);
  const orders = new Set<string>();
  const repeated = charges.filter((charge) => {
    const order = charge.order ?? '';
    const isRepeated = orders.has(order);
    orders.add(order);
    return isRepeated;
  });
  const books = repeated.map((charge) => ({ charge, refundedMinor: 0, state: 'captured' as const }));
  await seedSandbox(aws, outputs.SandboxTableName ?? '', books);
  const before = await sample();
  const startedMs = performance.now();
  const records = lines.map((line, at) => ({
    bytes: signEvent(Buffer.from(line), signerOf),
    partitionKey: charges[at]?.payer ?? '',
  }));
  const putting = putRecords(inOrder(records), {
    put: putTo(aws.kinesis, outputs.EventsStreamName),
    sleep,
    random: Math.random,
    rate: Math.ceil(EVENTS / SECONDS),
  });
  const samples: Sample[] = [];
  await until(`${events} events of ${name} are judged`, async () => {
    samples.push(await sample());
    // A record for each charge, and two windows for each order: an order charged again adds no window.
    return (samples.at(-1)?.items ?? 0) - before.items >= charges.length + 2 * orders.size;
  });
  await putting;
  const seconds = (performance.now() - startedMs) / 1_000;
  const lags = samples.map(({ lagMs }) => lagMs);
  return {
    startedMs,
    duplicates: repeated.length,
    perSecond: events / seconds,
    lagMedianMs: percentileOf(lags, 0.5),
    lagMaxMs: Math.max(...lags),
  };
}

async function sample(): Promise<Sample> {
  const atMs = Date.now();
  const [processed, charges] = await Promise.all([
    incidents.chargesProcessedSince(atMs - 3_600_000, atMs),
    aws.dynamo.send(new DescribeTableCommand({ TableName: outputs.ChargesTableName })),
  ]);
  return { items: charges.Table?.ItemCount ?? 0, lagMs: processed.newest?.lagMs ?? 0 };
}

async function untilRefunded(duplicates: number, startedMs: number) {
  let flags: ReadonlyMap<string, number> = new Map();
  await until(`${duplicates} refunds are done`, async () => {
    flags = await countFlags(aws.dynamo, outputs.CasesTableName);
    return (flags.get('refunded') ?? 0) >= duplicates;
  });
  const flagged = [...flags.values()].reduce((sum, count) => sum + count, 0);
  const seconds = (performance.now() - startedMs) / 1_000;
  return { flagged, refunded: flags.get('refunded') ?? 0, seconds };
}

async function untilClosed(): Promise<readonly Alert[]> {
  let heard: readonly Alert[] = [];
  await until('the incident is closed', async () => {
    heard = await hearing.all();
    return heard.some(({ kind }) => kind === 'incident.closed');
  });
  return heard;
}

async function report(heard: readonly Alert[]): Promise<void> {
  const count = (kind: Alert['kind']) => heard.filter((alert) => alert.kind === kind).length;
  const closing = heard.find((alert) => alert.kind === 'incident.closed');
  const changes = heard.flatMap((alert) =>
    alert.kind === 'incident.digest' || alert.kind === 'incident.closed' ? [alert.changes] : [],
  );
  const sum = changes.reduce(addTotals, NOTHING);
  const figures = {
    events: EVENTS,
    duplicates: burst.duplicates,
    flagged: refunds.flagged,
    refunded: refunds.refunded,
    incidents: count('incident.opened'),
    scope: JSON.stringify(closing?.scope),
    digests: count('incident.digest'),
    singleAlerts: count('case.opened') + count('case.resolved'),
    reported: closing?.totals.cases,
    addsUp: JSON.stringify(sum) === JSON.stringify(closing?.totals),
    calmPerSecond: round(calm.perSecond),
    burstPerSecond: round(burst.perSecond),
    calmLagMedianMs: calm.lagMedianMs,
    burstLagMedianMs: burst.lagMedianMs,
    calmLagMaxMs: calm.lagMaxMs,
    burstLagMaxMs: burst.lagMaxMs,
    refundSeconds: round(refunds.seconds),
    refundsPerSecond: round(refunds.refunded / refunds.seconds),
  };
  printTable(
    ['', 'figure'],
    Object.entries(figures).map(([name, value]) => [name, String(value)]),
  );
  if (options.json) console.log(JSON.stringify(figures));
}

/**
 * An emulator under this load breaks a connection off now and then: that look is made again. It reads whole tables for a
 * query, so that looks are rare where they are slow: what is measured must not be the measuring.
 */
async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const lookedAt = Date.now();
    const answer = await isDone().catch((error: Error) => say(`looks again: ${error.message}`));
    if (answer === true) return;
    if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS / 60_000} minutes: ${what}`);
    await sleep(Math.max(POLL_MS, LOOKS_REST * (Date.now() - lookedAt)));
  }
}

function chargeOf(line: string) {
  const parsed = parseEvent(Buffer.from(line), Date.now(), { ...LOCAL.configuration, signatures: NOT_YET_SIGNED });
  if (parsed.kind !== 'event' || parsed.event.kind !== 'charge.captured') throw new Error('bug: no capture');
  return parsed.event.charge;
}

async function* inOrder<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function say(what: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)}  ${what}`);
}
