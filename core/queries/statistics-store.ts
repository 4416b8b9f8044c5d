import type { CaseFact, Sums, SumsAt } from './statistics.ts';

/** A minute to which a fact came after it may have been summed. */
export interface LateMinute {
  readonly minuteMs: number;
  readonly markedAtMs: number;
}

/** Facts by the minute, and the sums of whole minutes, which are functions of the facts and never counted up. */
export interface StatisticsStore {
  /** Each once, whatever the repetitions. Kept for two days. */
  noteFacts(facts: readonly CaseFact[]): Promise<void>;
  markLate(minutes: readonly number[], nowMs: number): Promise<void>;
  /** Strongly consistent. */
  factsOf(minuteMs: number): Promise<readonly CaseFact[]>;
  /** Those of `fromMs` until before `toMs`, if they are few enough to be read while somebody waits; else undefined. */
  fewFacts(fromMs: number, toMs: number): Promise<readonly CaseFact[] | undefined>;
  /** Charges processed in the minutes that begin from `fromMs` until before `toMs`. */
  chargesProcessedByMinute(fromMs: number, toMs: number): Promise<ReadonlyMap<number, number>>;
  saveSums(minuteMs: number, sums: Sums): Promise<void>;
  sumsBetween(fromMs: number, toMs: number): Promise<readonly SumsAt[]>;
  /** Minutes before it are summed; undefined before the first. */
  summedUntil(): Promise<number | undefined>;
  saveSummedUntil(ms: number): Promise<void>;
  lateMinutes(): Promise<readonly LateMinute[]>;
  /** Leaves a mark that was made anew meanwhile. */
  forgetLate(late: LateMinute): Promise<void>;
}
