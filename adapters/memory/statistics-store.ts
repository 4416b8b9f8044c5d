import type { Ms } from '../../core/brands.ts';
import { type CaseFact, minuteOf, type Sums } from '../../core/queries/statistics.ts';
import type { StatisticsStore } from '../../core/queries/statistics-store.ts';

/** Facts and sums in this process, for tests. The caller gives the charges processed. */
export function createMemoryStatisticsStore(
  chargesProcessed: ReadonlyMap<number, number> = new Map(),
): StatisticsStore {
  const facts = new Map<string, CaseFact>();
  const sums = new Map<number, Sums>();
  const late = new Map<number, number>();
  let summedUntilMs: Ms | undefined;
  const between = (fromMs: Ms, toMs: Ms) => [...facts.values()].filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

  return {
    noteFacts: async (noted) => {
      for (const fact of noted) facts.set(`${fact.caseId}#${fact.version}`, fact);
    },
    markLate: async (minutes, nowMs) => {
      for (const minute of minutes) late.set(minute, nowMs);
    },
    factsOf: async (minuteMs) => [...facts.values()].filter(({ atMs }) => minuteOf(atMs) === minuteMs),
    fewFacts: async (fromMs, toMs) => between(fromMs, toMs),
    chargesProcessedByMinute: async (fromMs, toMs) =>
      new Map([...chargesProcessed].filter(([minuteMs]) => minuteMs >= fromMs && minuteMs < toMs)),
    saveSums: async (minuteMs, summed) => void sums.set(minuteMs, summed),
    sumsBetween: async (fromMs, toMs) =>
      [...sums]
        .filter(([atMs]) => atMs >= fromMs && atMs < toMs)
        .map(([atMs, summed]) => ({ atMs, sums: summed }))
        .sort((a, b) => a.atMs - b.atMs),
    summedUntil: async () => summedUntilMs,
    saveSummedUntil: async (ms) => {
      summedUntilMs = Math.max(ms, summedUntilMs ?? ms);
    },
    lateMinutes: async () => [...late].map(([minuteMs, markedAtMs]) => ({ minuteMs, markedAtMs })),
    forgetLate: async ({ minuteMs, markedAtMs }) => {
      if (late.get(minuteMs) === markedAtMs) late.delete(minuteMs);
    },
  };
}
