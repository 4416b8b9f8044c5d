import type { ActCost } from './act-costs.ts';
import type { Growth, HotOrder } from './growth.ts';
import { type Figures, type FlatFigures, METERED_EVENTS } from './mixes.ts';
import { printTable } from './report.ts';

export function printActs(costs: readonly ActCost[]): void {
  printTable(
    ['one of each, by same-order', 'write units', 'on charges and claims', 'requests', 'CPU µs'],
    costs.map((each) => [
      `${each.act}, ${each.version}`,
      each.writeUnits.toFixed(2),
      each.writeUnitsOnCharges.toFixed(2),
      each.requests.toFixed(3),
      each.cpuMicros.toFixed(0),
    ]),
  );
  console.log('');
}

export function printMix(name: string, figures: readonly Figures[]): void {
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

export function printFlat(figures: readonly FlatFigures[]): void {
  printTable(
    ['remembered charges', 'CPU µs/event', 'requests/event', 'events/s'],
    figures.map(({ charges, cpuMicrosPerEvent, requestsPerEvent, eventsPerSecond }) => [
      charges.toLocaleString('en'),
      cpuMicrosPerEvent.toFixed(1),
      requestsPerEvent.toFixed(3),
      Math.round(eventsPerSecond).toLocaleString('en'),
    ]),
  );
  console.log('');
}

export function printHotOrder({ windowUnitsPerCharge, windowBytes, overflows, claimUnits }: HotOrder): void {
  console.log(
    `An order of 400 in batches of 100: ${windowUnitsPerCharge.toFixed(2)} write units a charge for its window, ` +
      `which ends at ${windowBytes.toLocaleString('en')} bytes; ${overflows} overflows; ${claimUnits} units for one claim on it.\n`,
  );
}

export function printGrowth(growths: readonly Growth[]): void {
  printTable(
    [
      'honest key, rapid-repeat',
      'charges',
      'units, mean',
      'at most',
      'requests',
      'bytes, half way',
      'end',
      'overflows',
    ],
    growths.map(({ name, charges, meanUnits, maxUnits, requests, bytes, overflows }) => [
      name,
      charges.toLocaleString('en'),
      meanUnits.toFixed(2),
      String(maxUnits),
      requests.toFixed(2),
      ...bytes.map((each) => each.toLocaleString('en')),
      String(overflows),
    ]),
  );
  console.log('');
}

export function cpuOf({ cost }: Figures): number {
  return cost.cpuMicros / cost.events;
}
