import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { createMemoryStatisticsStore } from '../../adapters/memory/statistics-store.ts';
import { asCaseId } from '../../core/brands.ts';
import { MINUTE_MS } from '../../core/clock-units.ts';
import { type CaseFact, minuteOf, NO_SUMS } from '../../core/queries/statistics.ts';
import type { StatisticsStore } from '../../core/queries/statistics-store.ts';
import { DAY, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

const MINUTE = minuteOf(START_MS);

function factAt(atMs: number, n: number): CaseFact {
  const counts = { duplicates: 1, refunds: 0, held: 0, flaggedMinor: 12_900, refundedMinor: 0 };
  return { caseId: asCaseId(digests.hash128(`case ${n}`)), version: 1, atMs, currency: 'CNY', ...counts };
}

/** What every store of statistics must do. Charges processed are counted into it: 5 in the first minute. */
function suite(name: string, create: () => Promise<StatisticsStore>): void {
  describe(`the statistics store ${name}`, () => {
    let store: StatisticsStore;
    beforeAll(async () => {
      store = await create();
    });

    it('keeps each fact once, under its minute', async () => {
      const first = Array.from({ length: 60 }, (_, n) => factAt(MINUTE + n * 1_000, n));
      const next = factAt(MINUTE + MINUTE_MS, 60);
      await store.noteFacts([...first, next]);
      await store.noteFacts([...first.slice(10, 20), ...first.slice(10, 20)]);
      const ids = (facts: readonly CaseFact[]) => facts.map(({ caseId }) => caseId).sort();
      expect(ids(await store.factsOf(MINUTE))).toEqual(ids(first));
      expect(await store.factsOf(MINUTE + MINUTE_MS)).toEqual([next]);
      expect(await store.fewFacts(MINUTE, MINUTE + 2 * MINUTE_MS)).toHaveLength(61);
      expect(await store.fewFacts(MINUTE, MINUTE + 1_000)).toHaveLength(1);
    });

    it('replaces the sums of a minute, and gives those of a range over days', async () => {
      await store.saveSums(MINUTE, { ...NO_SUMS, duplicates: 59 });
      await store.saveSums(MINUTE, { ...NO_SUMS, duplicates: 60 });
      await store.saveSums(MINUTE + DAY, { ...NO_SUMS, duplicates: 1 });
      const all = await store.sumsBetween(MINUTE, MINUTE + DAY + MINUTE_MS);
      expect(all.map(({ atMs, sums }) => [atMs, sums.duplicates])).toEqual([
        [MINUTE, 60],
        [MINUTE + DAY, 1],
      ]);
      expect(await store.sumsBetween(MINUTE + MINUTE_MS, MINUTE + DAY)).toEqual([]);
    });

    it('gives nothing of a range that holds nothing', async () => {
      expect(await store.sumsBetween(MINUTE, MINUTE)).toEqual([]);
      expect(await store.sumsBetween(MINUTE + MINUTE_MS, MINUTE)).toEqual([]);
    });

    it('remembers until when minutes are summed, and never goes back', async () => {
      expect(await store.summedUntil()).toBeUndefined();
      await store.saveSummedUntil(MINUTE + MINUTE_MS);
      await store.saveSummedUntil(MINUTE);
      expect(await store.summedUntil()).toBe(MINUTE + MINUTE_MS);
    });

    it('forgets a late minute, unless it was marked anew', async () => {
      await store.markLate([MINUTE, MINUTE + MINUTE_MS], START_MS);
      const late = await store.lateMinutes();
      expect(late).toHaveLength(2);
      await store.markLate([MINUTE], START_MS + 1);
      for (const each of late) await store.forgetLate(each);
      expect(await store.lateMinutes()).toEqual([{ minuteMs: MINUTE, markedAtMs: START_MS + 1 }]);
    });

    it('reads the charges processed by the minute', async () => {
      const chargesProcessed = await store.chargesProcessedByMinute(MINUTE, MINUTE + 2 * MINUTE_MS);
      expect([...chargesProcessed]).toEqual([[MINUTE, 5]]);
    });
  });
}

suite('in memory', async () => createMemoryStatisticsStore(new Map([[MINUTE, 5]])));

suite('on DynamoDB', async () => {
  const engine = {
    client: dynamodb.client,
    table: await createTable(dynamodb.client, 'incidents'),
    random: Math.random,
    sleep: (ms: number) => sleep(ms),
  };
  const incidents = createIncidentStore({ ...engine, nowMs: () => START_MS });
  const none = { bySource: new Map(), acceptedBySource: new Map(), byMerchant: new Map(), atMs: MINUTE + 1, lagMs: 0 };
  for (const charges of [2, 3]) await incidents.noteChargesProcessed({ charges, ...none });
  return createStatisticsStore(engine);
});
