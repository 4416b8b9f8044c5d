import type { Ms } from '../brands.ts';
import type { CaseFact, Sums, SumsAt } from './statistics.ts';

/** A minute to which a fact came after it may have been summed. */
export interface LateMinute {
  readonly minuteMs: Ms;
  readonly markedAtMs: Ms;
}

/** Facts by the minute, and the sums of whole minutes, which are functions of the facts and never counted up. */
export interface StatisticsStore {
  /** Each once, whatever the repetitions. Kept for two days. */
  noteFacts(facts: readonly CaseFact[]): Promise<void>;
  markLate(minutes: readonly Ms[], nowMs: Ms): Promise<void>;
  /** Strongly consistent. */
  factsOf(minuteMs: Ms): Promise<readonly CaseFact[]>;
  /** Those of `fromMs` until before `toMs`, if they are few enough to be read while somebody waits; else undefined. */
  fewFacts(fromMs: Ms, toMs: Ms): Promise<readonly CaseFact[] | undefined>;
  /** Charges processed in the minutes that begin from `fromMs` until before `toMs`. */
  chargesProcessedByMinute(fromMs: Ms, toMs: Ms): Promise<ReadonlyMap<Ms, number>>;
  saveSums(minuteMs: Ms, sums: Sums): Promise<void>;
  sumsBetween(fromMs: Ms, toMs: Ms): Promise<readonly SumsAt[]>;
  /** Minutes before it are summed; undefined before the first. */
  summedUntil(): Promise<Ms | undefined>;
  saveSummedUntil(ms: Ms): Promise<void>;
  lateMinutes(): Promise<readonly LateMinute[]>;
  /** Leaves a mark that was made anew meanwhile. */
  forgetLate(late: LateMinute): Promise<void>;
}
