import type { Ms } from '../brands.ts';
import { HOUR_MS, MINUTE_MS } from '../clock-units.ts';
import { type CaseFact, minuteOf, NO_SUMS, type SumsAt, sumOf } from './statistics.ts';
import type { StatisticsStore } from './statistics-store.ts';

/** A minute is summed so long after it ended; the stream of cases lags by seconds. */
const COMPLETE_AFTER_MS = 2 * MINUTE_MS;
/** A fact that is written later than this after its minute began may have missed the sum: a minute of room for clocks. */
const LATE_MS = 2 * MINUTE_MS;
/** What a minute was summed from is kept for two days: summed again after that, it would lose what it has. */
const SUMMABLE_MS = 47 * HOUR_MS;
/** Minutes caught up with in one run; a run is every minute. */
const MINUTES_MAX = 30;

interface StatisticsContext<Used extends keyof StatisticsStore> {
  readonly statistics: Pick<StatisticsStore, Used>;
  readonly nowMs: () => Ms;
}

/** What writes facts. */
export type NoteContext = StatisticsContext<'noteFacts' | 'markLate'>;

type SumStore = 'factsOf' | 'chargesProcessedByMinute' | 'saveSums';
/** What sums minutes. */
export type SumContext = StatisticsContext<SumStore | 'summedUntil' | 'saveSummedUntil' | 'lateMinutes' | 'forgetLate'>;

/** What reads sums. */
export interface ReadMinutesContext {
  readonly statistics: Pick<StatisticsStore, 'summedUntil' | 'sumsBetween' | 'fewFacts' | 'chargesProcessedByMinute'>;
}

/**
 * Writes facts, and marks their minute when it may have been summed already: the mark comes after the fact. What a dead
 * letter brings days later is noted no more: the sums lack it, as they have since.
 */
export async function noteFacts(facts: readonly CaseFact[], { statistics, nowMs }: NoteContext): Promise<void> {
  const now = nowMs();
  const summable = facts.filter(({ atMs }) => now - minuteOf(atMs) < SUMMABLE_MS);
  if (summable.length === 0) return;
  await statistics.noteFacts(summable);
  const late = new Set(summable.map(({ atMs }) => minuteOf(atMs)).filter((minute) => now - minute >= LATE_MS));
  if (late.size > 0) await statistics.markLate([...late], now);
}

/**
 * Sums the minutes that have ended, and again those to which facts came late. A sum is a function of its minute's facts
 * and replaces the one before it, so it may be done again by anybody.
 *
 * @returns how many minutes were summed.
 */
export async function sumMinutes({ statistics, nowMs }: SumContext): Promise<number> {
  const now = nowMs();
  const untilMs = minuteOf(now - COMPLETE_AFTER_MS);
  const fromMs = (await statistics.summedUntil()) ?? untilMs - MINUTES_MAX * MINUTE_MS;
  const ended = range(fromMs, Math.min(untilMs, fromMs + MINUTES_MAX * MINUTE_MS));
  for (const minute of ended) await sumMinute(minute, statistics);
  if (ended.length > 0) await statistics.saveSummedUntil(fromMs + ended.length * MINUTE_MS);
  const late = await statistics.lateMinutes();
  for (const each of late) {
    await sumMinute(each.minuteMs, statistics);
    await statistics.forgetLate(each);
  }
  return ended.length + late.length;
}

/**
 * The sums of the minutes in a range, and until when they are whole. The newest minutes are summed while one waits, if
 * they hold little; in a flood of changes they are left out until they have been summed.
 */
export async function readMinutes(
  fromMs: Ms,
  toMs: Ms,
  { statistics }: ReadMinutesContext,
): Promise<{ readonly minutes: readonly SumsAt[]; readonly untilMs: Ms }> {
  // Before the first run, which goes back so far, nothing is summed.
  const firstMs = minuteOf(toMs) - MINUTES_MAX * MINUTE_MS;
  const summedMs = Math.max(fromMs, (await statistics.summedUntil()) ?? firstMs);
  const summed = await statistics.sumsBetween(fromMs, Math.min(toMs, summedMs));
  const isBehind = summedMs < firstMs;
  if (toMs <= summedMs || isBehind) return { minutes: summed, untilMs: Math.min(toMs, summedMs) };
  const [facts, chargesProcessed] = await Promise.all([
    statistics.fewFacts(summedMs, toMs),
    statistics.chargesProcessedByMinute(summedMs, toMs),
  ]);
  if (facts === undefined) return { minutes: summed, untilMs: summedMs };
  const byMinute = Map.groupBy(facts, ({ atMs }) => minuteOf(atMs));
  const newest = range(minuteOf(summedMs), toMs).map((atMs) => ({
    atMs,
    sums: sumOf(byMinute.get(atMs) ?? [], chargesProcessed.get(atMs) ?? 0),
  }));
  return { minutes: [...summed, ...newest], untilMs: toMs };
}

async function sumMinute(minuteMs: Ms, statistics: Pick<StatisticsStore, SumStore>): Promise<void> {
  const [facts, chargesProcessed] = await Promise.all([
    statistics.factsOf(minuteMs),
    statistics.chargesProcessedByMinute(minuteMs, minuteMs + MINUTE_MS),
  ]);
  const sums = sumOf(facts, chargesProcessed.get(minuteMs) ?? 0);
  if (facts.length > 0 || sums.chargesProcessed > NO_SUMS.chargesProcessed) await statistics.saveSums(minuteMs, sums);
}

function range(fromMs: Ms, toMs: Ms): readonly Ms[] {
  return Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / MINUTE_MS)) }, (_, n) => fromMs + n * MINUTE_MS);
}
