import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { double11, KINDS, ORDERS_MIN } from '../../../scenario/double11.ts';
import { compareWithTruth, printTruth } from '../../../scenario/ground-truth.ts';
import { seededRandom } from '../../../scenario/random.ts';
import type { Scenario } from '../../../scenario/write-files.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { BruteForceJudge } from './brute-force-judge.ts';
import { inBatches, mixedByPayer } from './orders-of-processing.ts';

const REGISTERED = configuration();
const ARRIVED_MS = Date.parse('2026-01-01T00:00:00Z');
const SEEDS = Array.from({ length: 30 }, (_, seed) => seed);

function differences(
  lines: readonly string[],
  { truth }: Scenario,
  { claimSeed = 0, batchMax = 1 }: { claimSeed?: number; batchMax?: number } = {},
): readonly string[] {
  const { flags, summary } = judged(lines, { claimSeed, batchMax });
  return compareWithTruth(truth, flags, summary);
}

function judged(lines: readonly string[], { claimSeed = 0, batchMax = 1 } = {}) {
  const random = seededRandom(claimSeed);
  const judge = new BruteForceJudge();
  for (const batch of inBatches(lines, batchMax, random)) judge.seeBatch(batch, ARRIVED_MS);
  return judge.judge(random);
}

describe('the Double 11 scenario', () => {
  it.each(SEEDS)('has a truth that a brute-force judge agrees with, seed %i', (seed) => {
    const scenario = double11({ orders: ORDERS_MIN, seed });
    expect(differences(scenario.lines, scenario, { claimSeed: seed })).toEqual([]);
    const mixed = mixedByPayer(scenario.lines, seededRandom(seed));
    expect(differences(mixed, scenario, { claimSeed: seed + 1, batchMax: 50 })).toEqual([]);
  });

  it('has a truth that no order between payers, no batches and no order of claims can move', () => {
    const scenario = double11({ orders: ORDERS_MIN, seed: 11 });
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 1000 }), (mixSeed, claimSeed, batchMax) => {
        const mixed = mixedByPayer(scenario.lines, seededRandom(mixSeed));
        expect(differences(mixed, scenario, { claimSeed, batchMax })).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('has a truth for any number of orders and any seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: ORDERS_MIN, max: 400 }), fc.nat(), (orders, seed) => {
        const scenario = double11({ orders, seed });
        expect(differences(scenario.lines, scenario, { claimSeed: seed })).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it('is the same to the byte for the same orders and seed, and another for another seed', () => {
    const [once, again, other] = [7, 7, 8].map((seed) => double11({ orders: ORDERS_MIN, seed }));
    expect(again).toEqual(once);
    expect(other?.lines).not.toEqual(once?.lines);
  });

  it('tells each kind of story, however few the orders', () => {
    const { truth } = double11({ orders: ORDERS_MIN, seed: 1 });
    const missing = KINDS.filter(({ kind }) => (truth.stories[kind] ?? []).length === 0);
    expect(missing).toEqual([]);
    expect(Object.values(truth.stories).flat()).toHaveLength(ORDERS_MIN);
  });

  it('has flags to dismiss for whoever looks after each line, and hardly any for whoever looks once', () => {
    const { lines, truth } = double11({ orders: ORDERS_MIN, seed: 9 });
    const { mayDismiss } = truth.totals;
    expect(mayDismiss).toBeGreaterThan(12);
    expect(judged(lines).summary.dismissed).toBeGreaterThan(mayDismiss - 4);
    expect(judged(lines, { batchMax: 10_000 }).summary.dismissed).toBeLessThan(mayDismiss);
  });

  it('counts each malformed line under the reason that the wire contract gives it', () => {
    const { lines, truth } = double11({ orders: ORDERS_MIN, seed: 3 });
    const byReason: Record<string, number> = {};
    for (const line of new Set(lines)) {
      const parsed = parseEvent(Buffer.from(line), ARRIVED_MS, REGISTERED);
      if (parsed.kind === 'rejected') byReason[parsed.reason] = (byReason[parsed.reason] ?? 0) + 1;
    }
    const { conflict, ...foundByParsing } = truth.quarantinedBy;
    expect(byReason).toEqual(foundByParsing);
    expect(conflict).toBeGreaterThan(0);
  });

  it('delivers lines twice, some out of order, some within the lateness of an hour and some beyond it', () => {
    const { lines, truth } = double11({ orders: 600, seed: 5 });
    expect(truth.events - new Set(lines).size).toBeGreaterThan(10);
    const behind = behindMinutes(lines);
    expect(behind.filter((minutes) => minutes > 0.1 && minutes <= 5).length).toBeGreaterThan(10);
    expect(behind.filter((minutes) => minutes > 5 && minutes <= 60).length).toBeGreaterThan(3);
    expect(behind.filter((minutes) => minutes > 60).length).toBeGreaterThan(3);
  });

  it.each([
    ['voids', dropped('charge.voided')],
    ['failures', dropped('charge.failed')],
    ['refunds by others', dropped('charge.refunded')],
    ['disputes', dropped('charge.disputed')],
    ['closings', dropped('order.closed')],
    ['parts of an order', (line: string) => [line.replace(/,"part":"\w+"/, '')]],
    ['the exempt categories', (line: string) => [line.replace(/"mcc":"(4111|7523)"/, '"mcc":"5999"')]],
    ['blank order numbers', (line: string) => [line.replace(/"order":" ?"/, '"order":"any"')]],
    ['currencies', (line: string) => [line.replace('"JPY"', '"CNY"')]],
    ['cumulative totals', (line: string) => [line.replace(/"refundedTotal":\d+/, '"refundedTotal":1')]],
    ['who won a dispute', (line: string) => [line.replace('"wonBy":"payer"', '"wonBy":"merchant"')]],
  ])('notices a judge that is blind to %s', (_, blindTo: (line: string) => string[]) => {
    const scenario = double11({ orders: ORDERS_MIN, seed: 2 });
    const found = differences(scenario.lines.flatMap(blindTo), scenario);
    expect(found.filter((difference) => !difference.startsWith('total'))).not.toEqual([]);
  });

  it.each([ORDERS_MIN - 1, 0, 1.5, Number.NaN])('refuses %d orders by name', (orders) => {
    expect(() => double11({ orders, seed: 1 })).toThrow(/^orders must be a whole number from 150/);
  });

  it.each([-1, 2 ** 32, 0.5])('refuses the seed %d by name', (seed) => {
    expect(() => double11({ orders: ORDERS_MIN, seed })).toThrow(/^seed must be/);
  });
});

describe('examples/double11.ndjson', () => {
  const scenario = double11({ orders: 1500, seed: 11 });
  const example = (name: string) => readFile(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');

  it('is what 1,500 orders and seed 11 give', async () => {
    expect((await example('double11.ndjson')) === `${scenario.lines.join('\n')}\n`).toBe(true);
    expect((await example('double11.truth.json')) === printTruth(scenario.truth)).toBe(true);
  });

  it('is small enough for a demo of minutes, and agrees with the brute-force judge', () => {
    expect(scenario.truth.events).toBeGreaterThan(3000);
    expect(scenario.truth.events).toBeLessThan(4000);
    expect(scenario.truth.totals.flags + scenario.truth.totals.mayDismiss).toBeLessThanOrEqual(350);
    expect(differences(scenario.lines, scenario)).toEqual([]);
  });
});

function dropped(type: string): (line: string) => string[] {
  return (line) => (line.includes(`"type":"${type}"`) ? [] : [line]);
}

/** How far the event time of each well-formed line is behind the latest time before it in the file. */
function behindMinutes(lines: readonly string[]): number[] {
  let latestMs = 0;
  return [...new Set(lines)].flatMap((line) => {
    const parsed = parseEvent(Buffer.from(line), ARRIVED_MS, REGISTERED);
    if (parsed.kind === 'rejected') return [];
    latestMs = Math.max(latestMs, parsed.event.timeMs);
    return [(latestMs - parsed.event.timeMs) / 60_000];
  });
}
