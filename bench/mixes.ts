import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDbLocal } from '../test/fixtures/dynamodb-local.ts';
import { createTable } from '../test/fixtures/tables.ts';
import type { Handler } from './bundle.ts';
import type { Contender } from './detect-contenders.ts';
import type { Meter, Metered } from './meter.ts';
import { medianOf } from './report.ts';
import { type Cost, runBatches, sum } from './run-batches.ts';
import { type TrafficOptions, traffic } from './traffic.ts';

const START_MS = Date.now() - 10 * 60_000;
/**
 * A function lives for hours, so what V8 has compiled by then is what counts. V8 counts calls: a contender that sends a
 * twentieth of the requests needs more events to get as warm, and the way of a duplicate needs duplicates.
 */
const WARM_UP = { ours: 12_000, peers: 4_000, duplicates: { events: 4_000, duplicates: 0.2 } };
const SLICE = { ours: 3_000, peers: 1_200 };
const ROUNDS = 4;
export const METERED_EVENTS = 2_000;
const FLAT_SLICES = 6;
const FLAT_SLICE_EVENTS = 1_000;

export interface Mix {
  readonly name: string;
  readonly mix: Pick<TrafficOptions, 'duplicates' | 'hotRun'>;
}

export interface Figures {
  readonly contender: string;
  readonly metered: Metered;
  readonly cost: Cost;
}

interface Local extends Pick<DynamoDbLocal, 'client' | 'endpoint'> {
  readonly meter: Meter;
}

/** A contender whose function has run for a while, and the same function behind the meter. */
export interface Warm {
  readonly contender: Contender;
  readonly tables: Readonly<Record<string, string>>;
  readonly timed: Handler;
  readonly metering: Handler;
}

let runs = 0;
const linesOf = (options: Omit<TrafficOptions, 'name' | 'startMs'>) =>
  traffic({ ...options, name: `r${runs++}`, startMs: START_MS });

/** Loads a contender twice over empty tables: a function keeps to the endpoint that it has met in its first batch. */
export async function warmUp(contender: Contender, { endpoint, meter }: Local): Promise<Warm> {
  const tables = await contender.tables();
  const metering = await contender.bundle.load({ ...tables, AWS_ENDPOINT_URL_DYNAMODB: meter.endpoint });
  await runBatches(metering, linesOf({ events: 200, duplicates: 0 }), Date.now());
  const timed = await contender.bundle.load({ ...tables, AWS_ENDPOINT_URL_DYNAMODB: endpoint });
  await runBatches(timed, linesOf(WARM_UP.duplicates), Date.now());
  await runBatches(timed, linesOf({ events: WARM_UP[sideOf(contender)], duplicates: 0 }), Date.now());
  return { contender, tables, timed, metering };
}

function sideOf({ isOurs }: Contender): 'ours' | 'peers' {
  return isOurs ? 'ours' : 'peers';
}

/** All contenders on one traffic: first metered, then timed slice by slice in turn, so that the machine's other work hits all alike. */
export async function measureMix(all: readonly Warm[], { mix }: Mix, { meter }: Local): Promise<readonly Figures[]> {
  const metered: Metered[] = [];
  for (const { metering } of all) {
    meter.reset();
    await runBatches(metering, linesOf({ ...mix, events: METERED_EVENTS }), Date.now());
    metered.push(meter.read());
  }
  const isHeavy = mix.duplicates >= 0.01 || mix.hotRun !== undefined;
  const slices = all.map(({ contender }) => SLICE[isHeavy ? 'peers' : sideOf(contender)]);
  // One traffic over all rounds: a retry comes later than a slice is long.
  const traffics = slices.map((slice) => linesOf({ ...mix, events: slice * ROUNDS }));
  const costs = all.map((): Cost => sum());
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { timed }] of all.entries()) {
      const slice = slices[at] ?? 0;
      const lines = traffics[at]?.slice(round * slice, (round + 1) * slice) ?? [];
      costs[at] = sum(costs[at], await runBatches(timed, lines, Date.now()));
    }
  }
  return all.map(({ contender }, at) => {
    const counted = metered[at];
    if (counted === undefined) throw new Error('bug: a contender was not metered');
    return { contender: contender.name, metered: counted, cost: sum(costs[at]) };
  });
}

export interface FlatFigures {
  readonly charges: number;
  readonly cpuMicrosPerEvent: number;
  readonly requestsPerEvent: number;
  readonly eventsPerSecond: number;
}

/** The warm function goes on while its table, which is emptied first, fills. */
export async function measureFlat(
  { tables, timed, metering }: Warm,
  sizes: readonly number[],
  { client, meter }: Local,
): Promise<readonly FlatFigures[]> {
  await client.send(new DeleteTableCommand({ TableName: tables.CHARGES_TABLE }));
  await createTable(client, 'charges', tables.CHARGES_TABLE);
  const figures: FlatFigures[] = [];
  let charges = 0;
  const put = async (handler: Handler, events: number) => {
    charges += events;
    return runBatches(handler, linesOf({ events, duplicates: 0 }), Date.now());
  };
  for (const size of sizes) {
    while (charges < size) await put(timed, Math.min(20_000, size - charges));
    const remembered = charges;
    meter.reset();
    await put(metering, FLAT_SLICE_EVENTS);
    const { requests } = meter.read();
    const slices: Cost[] = [];
    while (slices.length < FLAT_SLICES) slices.push(await put(timed, FLAT_SLICE_EVENTS));
    figures.push({
      charges: remembered,
      cpuMicrosPerEvent: medianOf(slices.map((cost) => cost.cpuMicros / cost.events)),
      requestsPerEvent: requests / FLAT_SLICE_EVENTS,
      eventsPerSecond: medianOf(slices.map((cost) => cost.events / cost.seconds)),
    });
  }
  return figures;
}
