import { startDynamoDbLocal } from '../test/fixtures/dynamodb-local.ts';
import { type ActCost, measureActs } from './act-costs.ts';
import { LAMBDA_ENVIRONMENT } from './bundle.ts';
import { makeContenders } from './detect-contenders.ts';
import { cpuOf, printActs, printFlat, printGrowth, printHotOrder, printMix } from './detect-tables.ts';
import { type Growth, measureGrowth, measureHotOrder } from './growth.ts';
import { startMeter } from './meter.ts';
import { type Figures, METERED_EVENTS, type Mix, measureFlat, measureMix, type Warm, warmUp } from './mixes.ts';
import { readOptions } from './report.ts';
import { loadVersion, type Version } from './versions.ts';

const HEADLINE = '0.6 % duplicates';
const MIXES: readonly Mix[] = [
  { name: '0 % duplicates', mix: { duplicates: 0 } },
  { name: HEADLINE, mix: { duplicates: 0.006 } },
  { name: '20 % duplicates', mix: { duplicates: 0.2 } },
  { name: 'hot: 400 charges an order', mix: { duplicates: 0, hotRun: 400 } },
];

const { json, full, quick, grow, beside } = readOptions({
  json: { type: 'boolean', default: false },
  /** Of the mixes the headline alone, and no large table. */
  quick: { type: 'boolean', default: false },
  /** Fills the table to a million charges. */
  full: { type: 'boolean', default: false },
  /** Adds half a year of an honest key that never rests. */
  grow: { type: 'boolean', default: false },
  /** The checkout of another version, with its packages: its functions run beside this version's. */
  beside: { type: 'string' },
});
Object.assign(process.env, LAMBDA_ENVIRONMENT);

const { client, endpoint, stop } = await startDynamoDbLocal();
const meter = await startMeter(endpoint);
const local = { client, endpoint, meter };
process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = meter.endpoint;
try {
  await main();
} finally {
  await meter.close();
  await stop();
}

async function main(): Promise<void> {
  const acts = await measureActs(await versions(), local);
  printActs(acts);
  const hotOrder = await measureHotOrder(local);
  printHotOrder(hotOrder);
  const growths = grow ? await measureGrowth(local) : undefined;
  if (growths !== undefined) printGrowth(growths);
  const warm: Warm[] = [];
  for (const contender of await makeContenders(client)) warm.push(await warmUp(contender, local));
  const results: { readonly mix: string; readonly figures: readonly Figures[] }[] = [];
  for (const mix of MIXES.filter(({ name }) => !quick || name === HEADLINE)) {
    const figures = await measureMix(warm, mix, local);
    results.push({ mix: mix.name, figures });
    printMix(mix.name, figures);
  }
  const [ours] = warm;
  if (ours === undefined) throw new Error('bug: no contender');
  const flat = await measureFlat(ours, flatSizes(), local);
  printFlat(flat);
  const headline = headlineOf(results.find(({ mix }) => mix === HEADLINE)?.figures ?? []);
  console.log(
    `${HEADLINE}: 1/${(1 / headline.requestsRatio).toFixed(1)} of Powertools' requests, 1/${(1 / headline.cpuRatio).toFixed(1)} of its CPU.`,
  );
  if (!json) return;
  const costs = {
    cleanChargeWriteUnits: costOf(acts, 'charge').insertUnits,
    writeUnitsPerRefund: costOf(acts, 'refund').writeUnitsOnCharges,
    hotOrderWriteUnitsPerCharge: hotOrder.windowUnitsPerCharge,
    hotOrderClaimWriteUnits: hotOrder.claimUnits,
    hotOrderOverflows: hotOrder.overflows,
    ...(growths !== undefined && growthOf(growths)),
  };
  console.log(JSON.stringify({ ...headline, ...costs, acts, ...detailsOf(results), flat }));
}

async function versions(): Promise<readonly Version[]> {
  const ours = await loadVersion(client, { name: 'this version' });
  return beside === undefined ? [ours] : [ours, await loadVersion(client, { name: beside, root: beside })];
}

function flatSizes(): readonly number[] {
  if (quick) return [1_000, 10_000];
  return full ? [1_000, 10_000, 100_000, 1_000_000] : [1_000, 10_000, 50_000];
}

function costOf(costs: readonly ActCost[], act: ActCost['act']): ActCost {
  const [ours] = costs.filter((each) => each.act === act);
  if (ours === undefined) throw new Error(`bug: no ${act} was measured`);
  return ours;
}

function growthOf(growths: readonly Growth[]) {
  const [hourly] = growths;
  return {
    growWriteUnitsPerCharge: hourly?.maxUnits,
    growOverflows: growths.reduce((total, { overflows }) => total + overflows, 0),
    growths,
  };
}

function headlineOf(figures: readonly Figures[]) {
  const [ours, peer] = figures;
  if (ours === undefined || peer === undefined) throw new Error('bug: nothing was measured');
  return {
    writeUnitsPerItem: ours.metered.insertUnits / ours.metered.inserted,
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

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
