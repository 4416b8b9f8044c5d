import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { DETECT_ENVIRONMENT } from '../functions/detection/environment.ts';
import { startDynamoDbLocal } from '../test/fixtures/dynamodb-local.ts';
import { createTable } from '../test/fixtures/tables.ts';
import type { Handler } from './bundle.ts';
import { type Contender, makeContenders } from './detect-contenders.ts';
import { type Metered, startMeter } from './meter.ts';
import { medianOf, printTable, readOptions } from './report.ts';
import { type Cost, runBatches } from './run-batches.ts';
import { type TrafficOptions, traffic } from './traffic.ts';

const START_MS = Date.now() - 10 * 60_000;
/**
 * A function lives for hours, so what V8 has compiled by then is what counts. V8 counts calls: a contender that sends a
 * twentieth of the requests needs more events to get as warm, and the way of a duplicate needs duplicates.
 */
const STEADY = { warm: 24_000, slice: 4_000 };
const PER_EVENT = { warm: 4_000, slice: 1_200 };
const ROUNDS = 4;
const WARM_UP_DUPLICATES = { events: 4_000, duplicates: 0.2 };
const METERED_EVENTS = 4_000;
const FLAT_SLICES = 6;
const FLAT_SLICE_EVENTS = 1_000;
const FLAT_SIZES = [1_000, 10_000, 100_000] as const;
const FLAT_SIZES_FULL = [...FLAT_SIZES, 1_000_000] as const;

type Mix = Pick<TrafficOptions, 'duplicates' | 'hotRun'>;

const HEADLINE = '0.6 % duplicates';
const MIXES = [
  { name: '0 % duplicates', mix: { duplicates: 0 } },
  { name: HEADLINE, mix: { duplicates: 0.006 } },
  { name: '20 % duplicates', mix: { duplicates: 0.2 } },
  { name: 'hot: 400 charges an order', mix: { duplicates: 0, hotRun: 400 } },
] as const;

function flatSizes(): readonly number[] {
  if (quick) return FLAT_SIZES.slice(0, 2);
  return full ? FLAT_SIZES_FULL : FLAT_SIZES;
}

interface Figures {
  readonly contender: string;
  readonly metered: Metered;
  readonly cost: Cost;
}

const { json, full, quick } = readOptions({
  json: { type: 'boolean', default: false },
  /** The headline alone: 0.6 % duplicates, and no large table. */
  quick: { type: 'boolean', default: false },
  /** Fills the table to a million windows. */
  full: { type: 'boolean', default: false },
});
Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  POWERTOOLS_SERVICE_NAME: 'onecharge',
  POWERTOOLS_METRICS_NAMESPACE: 'Onecharge',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  // What good traffic never reaches.
  ...Object.fromEntries(DETECT_ENVIRONMENT.map((name) => [name, 'none'])),
  FINGERPRINT_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:bench',
});

const local = await startDynamoDbLocal();
const meter = await startMeter(local.endpoint);
process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = meter.endpoint;
try {
  await main();
} finally {
  await meter.close();
  await local.stop();
}

async function main(): Promise<void> {
  const contenders = await makeContenders(local.client);
  const results: { readonly mix: string; readonly figures: readonly Figures[] }[] = [];
  for (const { name, mix } of MIXES.filter(({ name }) => !quick || name === HEADLINE)) {
    const figures = await measureMix(contenders, { name, mix });
    results.push({ mix: name, figures });
    printMix(name, figures);
  }
  const flat = await measureFlat(contenders[0], flatSizes());
  printFlat(flat);
  const headline = headlineOf(results.find(({ mix }) => mix === HEADLINE)?.figures ?? []);
  console.log(
    `\n${HEADLINE}: ${headline.writeUnitsPerItem.toFixed(2)} write units per new item: a charge has one for its record and one for each detector; ` +
      `1/${(1 / headline.requestsRatio).toFixed(1)} of Powertools' requests, 1/${(1 / headline.cpuRatio).toFixed(1)} of its CPU.`,
  );
  if (json) console.log(JSON.stringify({ ...headline, ...detailsOf(results), flat }));
}

interface Warm {
  readonly contender: string;
  readonly metered: Metered;
  readonly timed: Handler;
  /** What is timed, in as many slices as there are rounds. */
  readonly slices: readonly (readonly string[])[];
}

/** All contenders on one traffic, slice by slice in turn: what else the machine does hits all alike. */
async function measureMix(
  contenders: readonly Contender[],
  traffic: { readonly name: string; readonly mix: Mix },
): Promise<readonly Figures[]> {
  const warm: Warm[] = [];
  for (const contender of contenders) warm.push(await warmUp(contender, traffic));
  const costs = warm.map((): Cost => ({ events: 0, cpuMicros: 0, seconds: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { timed, slices }] of warm.entries()) {
      costs[at] = sum(costs[at], await runBatches(timed, slices[round] ?? [], Date.now()));
    }
  }
  return warm.map(({ contender, metered }, at) => ({ contender, metered, cost: sum(costs[at]) }));
}

/** Metered through a proxy, then made warm without it: each time a cold function on empty tables. */
async function warmUp(
  { name: contender, isOurs, bundle, tables }: Contender,
  { name, mix }: { readonly name: string; readonly mix: Mix },
): Promise<Warm> {
  const linesOf = (events: number, run: string) =>
    traffic({ ...mix, events, name: `${run}${name.slice(0, 3).trim()}`, startMs: START_MS });
  const metering = await bundle.load({ ...(await tables()), AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint });
  meter.reset();
  await runBatches(metering, linesOf(METERED_EVENTS, 'm'), Date.now());
  const metered = meter.read();
  const timed = await bundle.load({ ...(await tables()), AWS_ENDPOINT_URL_DYNAMODB: local.endpoint });
  const { warm, slice } = isOurs && mix.duplicates < 0.01 && mix.hotRun === undefined ? STEADY : PER_EVENT;
  await runBatches(timed, traffic({ ...WARM_UP_DUPLICATES, name: 'wd', startMs: START_MS }), Date.now());
  await runBatches(timed, linesOf(warm, 'w'), Date.now());
  const lines = linesOf(slice * ROUNDS, 't');
  const slices = Array.from({ length: ROUNDS }, (_, round) => lines.slice(round * slice, (round + 1) * slice));
  return { contender, metered, timed, slices };
}

function sum(...costs: readonly (Cost | undefined)[]): Cost {
  const of = (field: keyof Cost) => costs.reduce((total, cost) => total + (cost?.[field] ?? 0), 0);
  return { events: of('events'), cpuMicros: of('cpuMicros'), seconds: of('seconds') };
}

interface FlatFigures {
  readonly windows: number;
  readonly cpuMicrosPerEvent: number;
  readonly requestsPerEvent: number;
  readonly eventsPerSecond: number;
}

/** The same function goes on while its table fills. */
async function measureFlat({ bundle, tables }: Contender, sizes: readonly number[]): Promise<readonly FlatFigures[]> {
  const names = await tables();
  const metering = await bundle.load({ ...names, AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint });
  const figures: FlatFigures[] = [];
  let windows = 0;
  let runs = 0;
  const put = async (handler: Handler, events: number) => {
    const lines = traffic({ events, duplicates: 0, name: `f${runs++}`, startMs: START_MS });
    windows += events;
    return runBatches(handler, lines, Date.now());
  };
  // A function makes its clients, of the endpoint that the environment names, in its first batch.
  await put(metering, 200);
  const timed = await bundle.load({ ...names, AWS_ENDPOINT_URL_DYNAMODB: local.endpoint });
  // A function keeps to its table, so the one that it got warm on is emptied.
  await put(timed, STEADY.warm);
  await local.client.send(new DeleteTableCommand({ TableName: names.CHARGES_TABLE }));
  await createTable(local.client, 'charges', names.CHARGES_TABLE);
  windows = 0;
  for (const size of sizes) {
    while (windows < size) await put(timed, Math.min(20_000, size - windows));
    const remembered = windows;
    meter.reset();
    await put(metering, 1_000);
    const { requests } = meter.read();
    const slices: Cost[] = [];
    while (slices.length < FLAT_SLICES) slices.push(await put(timed, FLAT_SLICE_EVENTS));
    figures.push({
      windows: remembered,
      cpuMicrosPerEvent: round(medianOf(slices.map((cost) => cost.cpuMicros / cost.events)), 1),
      requestsPerEvent: requests / 1_000,
      eventsPerSecond: Math.round(medianOf(slices.map((cost) => cost.events / cost.seconds))),
    });
  }
  return figures;
}

function headlineOf(figures: readonly Figures[]) {
  const [ours, peer] = figures;
  if (ours === undefined || peer === undefined) throw new Error('bug: nothing was measured');
  return {
    writeUnitsPerItem: ours.metered.insertUnits / ours.metered.inserted,
    writeUnitsPerCharge: round(ours.metered.insertUnits / METERED_EVENTS, 3),
    requestsRatio: round(ours.metered.requests / peer.metered.requests, 4),
    cpuRatio: round(cpuOf(ours) / cpuOf(peer), 4),
  };
}

function detailsOf(results: readonly { readonly mix: string; readonly figures: readonly Figures[] }[]) {
  const mixes = results.map(({ mix, figures }) => ({
    mix,
    contenders: figures.map(({ contender, metered, cost }) => ({
      contender,
      writeUnitsPerEvent: round(metered.writeUnits / METERED_EVENTS, 3),
      requestsPerEvent: round(metered.requests / METERED_EVENTS, 3),
      cpuMicrosPerEvent: round(cost.cpuMicros / cost.events, 1),
      eventsPerSecond: Math.round(cost.events / cost.seconds),
    })),
  }));
  return { mixes };
}

function printMix(name: string, figures: readonly Figures[]): void {
  const peer = figures[1];
  printTable(
    [name, 'write units/event', 'requests/event', 'of Powertools', 'CPU µs/event', 'of Powertools', 'events/s'],
    figures.map((each) => [
      each.contender,
      (each.metered.writeUnits / METERED_EVENTS).toFixed(3),
      (each.metered.requests / METERED_EVENTS).toFixed(3),
      peer === undefined ? '' : `1/${(peer.metered.requests / each.metered.requests).toFixed(1)}`,
      cpuOf(each).toFixed(0),
      peer === undefined ? '' : `1/${(cpuOf(peer) / cpuOf(each)).toFixed(1)}`,
      Math.round(each.cost.events / each.cost.seconds).toLocaleString('en'),
    ]),
  );
  console.log('');
}

function printFlat(figures: readonly FlatFigures[]): void {
  printTable(
    ['remembered windows', 'CPU µs/event', 'requests/event', 'events/s'],
    figures.map(({ windows, cpuMicrosPerEvent, requestsPerEvent, eventsPerSecond }) => [
      windows.toLocaleString('en'),
      cpuMicrosPerEvent.toFixed(1),
      requestsPerEvent.toFixed(3),
      eventsPerSecond.toLocaleString('en'),
    ]),
  );
}

function cpuOf({ cost }: Figures): number {
  return cost.cpuMicros / cost.events;
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
