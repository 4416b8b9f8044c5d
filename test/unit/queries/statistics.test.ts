import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStatisticsStore } from '../../../adapters/memory/statistics-store.ts';
import { asCaseId } from '../../../core/brands.ts';
import type { Act, FlagChange } from '../../../core/cases/case.ts';
import { type Case, withChanges } from '../../../core/cases/case.ts';
import type { Flag, FlagStatus } from '../../../core/cases/flag.ts';
import { MINUTE_MS } from '../../../core/clock-units.ts';
import {
  addSums,
  BUCKET_MS,
  bucketsOf,
  type CaseFact,
  factOf,
  minuteOf,
  NO_SUMS,
} from '../../../core/queries/statistics.ts';
import { noteFacts, readMinutes, sumMinutes } from '../../../core/queries/sum-minutes.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { act, flag, moved } from '../../fixtures/flags.ts';

/** The facts of a case whose two duplicates are flagged at once; one is refunded, the other held. */
function history(n: number, atMs: number): readonly CaseFact[] {
  const caseId = asCaseId(digests.hash128(`case ${n}`));
  const flags = ['a', 'b'].map((name) => flag({ caseId, charge: charge({ chargeId: `ch_${n}_${name}` }) }));
  const facts: CaseFact[] = [];
  let known: Case | undefined;
  const change = (to: (act: Act) => readonly FlagChange[], minutes: number) => {
    const changes = to(act({ atMs: atMs + minutes * MINUTE_MS }));
    const next = withChanges(known, changes, digests).case;
    facts.push(...[factOf(known, next)].filter((fact) => fact !== undefined));
    known = next;
    return changes.map((each) => each.after);
  };
  const step = (of: Flag | undefined, status: FlagStatus, minutes: number) =>
    change((by) => (of === undefined ? [] : [moved(of, { status }, by)]), minutes);
  const [one, two] = change((by) => flags.map((after) => ({ before: undefined, after, act: by })), 0);
  const [claimed] = step(one, 'refunding', 1);
  step(two, 'held', 1);
  step(claimed, 'refunded', 2);
  return facts;
}

const total = (facts: number) => ({ duplicates: 2 * facts, refunds: facts, held: facts });

describe('facts', () => {
  it('say what a change of a case adds, and nothing when it adds nothing', () => {
    const facts = history(1, START_MS);
    expect(facts.map(({ duplicates, held, refunds }) => [duplicates, held, refunds])).toEqual([
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(facts.at(-1)).toMatchObject({ refundedMinor: 12_900, flaggedMinor: 0, currency: 'CNY' });
  });
});

describe('sums of minutes', () => {
  it('are right however facts come: in any order, twice, and long after their minute was summed', async () => {
    const facts = Array.from({ length: 6 }, (_, n) => history(n, START_MS + n * 20_000)).flat();
    const arrivals = fc.array(
      fc.record({
        fact: fc.constantFrom(...facts),
        afterMs: fc.integer({ min: 0, max: 8 * MINUTE_MS }),
        sums: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async (again) => {
        const clock = { ms: START_MS };
        const context = { statistics: createMemoryStatisticsStore(), nowMs: () => clock.ms };
        await sumMinutes(context);
        const once = facts.map((fact, n) => ({ fact, afterMs: (n * 37_000) % (5 * MINUTE_MS), sums: n % 3 === 0 }));
        for (const { fact, afterMs, sums } of [...again, ...once]) {
          // Nothing is told before it happened.
          clock.ms = Math.max(clock.ms, fact.atMs + afterMs);
          await noteFacts([fact], context);
          if (sums) await sumMinutes(context);
          const { minutes } = await readMinutes(START_MS - MINUTE_MS, clock.ms + 1, context);
          expect(minutes.map(({ atMs }) => atMs)).toEqual(minutes.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
        }
        clock.ms += 3 * MINUTE_MS;
        while ((await sumMinutes(context)) > 0);
        const { minutes, untilMs } = await readMinutes(START_MS - MINUTE_MS, clock.ms, context);
        expect(untilMs).toBe(clock.ms);
        expect(minutes.map(({ sums }) => sums).reduce(addSums, NO_SUMS)).toMatchObject(total(6));
        for (const { atMs, sums } of minutes) {
          const own = facts.filter((fact) => minuteOf(fact.atMs) === atMs);
          expect(sums.duplicates).toBe(own.reduce((sum, fact) => sum + fact.duplicates, 0));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('stay when a dead letter brings a fact after those of its minute have expired', async () => {
    const statistics = createMemoryStatisticsStore();
    const clock = { nowMs: START_MS + 10 * MINUTE_MS };
    const context = { statistics, nowMs: () => clock.nowMs };
    const [first] = history(1, START_MS);
    await noteFacts([...history(2, START_MS), ...history(3, START_MS)], context);
    await sumMinutes(context);
    const { minutes } = await readMinutes(START_MS, START_MS + 5 * MINUTE_MS, context);
    clock.nowMs += 2 * BUCKET_MS.day;
    const expired = { ...statistics, factsOf: async () => (first ? [first] : []) };
    await noteFacts([first!], { ...context, statistics: expired }); // a case has a first fact
    await sumMinutes({ ...context, statistics: expired });
    expect((await readMinutes(START_MS, START_MS + 5 * MINUTE_MS, context)).minutes).toEqual(minutes);
  });

  it('include the charges processed in the minute too', async () => {
    const minute = minuteOf(START_MS);
    const statistics = createMemoryStatisticsStore(new Map([[minute, 700]]));
    const context = { statistics, nowMs: () => minute + 5 * MINUTE_MS };
    await sumMinutes(context);
    const { minutes } = await readMinutes(minute, minute + MINUTE_MS, context);
    expect(minutes).toEqual([{ atMs: minute, sums: { ...NO_SUMS, chargesProcessed: 700 } }]);
  });

  it('leave the newest minutes out while they hold more than can be read at once, and say so', async () => {
    const statistics = { ...createMemoryStatisticsStore(), fewFacts: async () => undefined };
    const context = { statistics, nowMs: () => START_MS };
    await sumMinutes(context);
    const { untilMs } = await readMinutes(START_MS - BUCKET_MS.hour, START_MS, context);
    expect(untilMs).toBe(minuteOf(START_MS) - 2 * MINUTE_MS);
  });
});

describe('buckets', () => {
  it('are all there, also those in which nothing happened, and add up', () => {
    const minutes = [3, 62, 63].map((n) => ({ atMs: n * MINUTE_MS, sums: { ...NO_SUMS, chargesProcessed: n } }));
    const buckets = bucketsOf(minutes, { fromMs: 0, toMs: 3 * BUCKET_MS.hour, bucketMs: BUCKET_MS.hour });
    expect(buckets.map(({ sums }) => sums.chargesProcessed)).toEqual([3, 125, 0]);
  });
});
