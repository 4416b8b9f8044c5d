import type { Ms } from '../brands.ts';
import { SECOND_MS } from '../clock-units.ts';

/** A reader reports its lag in classes, so that a small lag of one reader never hides a large one of another. */
export const LAG_CLASSES_MS = [5, 10, 20, 40, 80, 160, 320, 640].map((seconds) => seconds * SECOND_MS);

/** When readers last reported a lag of at least this class, ms since the epoch, by class. */
export type LagReport = ReadonlyMap<Ms, Ms>;

/** Where the stream's readers report that they lag. A report is evidence for some seconds only. */
export interface LagStore {
  /** Notes the time with the class and with each smaller one. Running it again is harmless. */
  reportLag(lag: { readonly classMs: Ms; readonly atMs: Ms }): Promise<void>;
  /** Reads strongly consistently. Classes that were never reported are missing. */
  readLag(): Promise<LagReport>;
}

/** A reader that still lags reports it again within this time. */
const BEAT_MS = 5 * SECOND_MS;
/** Without a report for this long every reader is level. A report that is lost, and one beat that is late, are in it. */
const LEVEL_AFTER_MS = 3 * BEAT_MS;

/**
 * Returns until when refunds wait for the readers; undefined where no reader lags. An event that came within the grace
 * period may still be unread: the grace counts from when the readers are level.
 */
export function behindUntilMs(
  report: LagReport,
  { graceMs, nowMs }: { readonly graceMs: Ms; readonly nowMs: Ms },
): Ms | undefined {
  const atMs = Math.max(...lagging(report, graceMs).map(([, reportedMs]) => reportedMs));
  const levelMs = atMs + LEVEL_AFTER_MS + graceMs;
  return nowMs < levelMs ? levelMs : undefined;
}

/** The reports of a lag that a grace period does not cover. */
function lagging(report: LagReport, graceMs: Ms): readonly (readonly [classMs: Ms, atMs: Ms])[] {
  const fromMs = LAG_CLASSES_MS.findLast((classMs) => classMs <= graceMs) ?? 0;
  return [...report].filter(([classMs]) => classMs >= fromMs);
}

interface LagWatchProps {
  readonly lag: Pick<LagStore, 'reportLag'>;
  readonly nowMs: () => Ms;
  /** Acts again and again until it is stopped. */
  readonly every: (ms: Ms, act: () => Promise<void>) => () => void;
  /** A report that fails must not bring a batch again. */
  readonly failed: (error: unknown) => void;
}

export interface LagWatch {
  /**
   * Runs the work of one batch, and reports how long its oldest record has waited: before the work, while it lasts, and
   * after it, for what came behind the batch has waited as long. A reader that is level reports nothing.
   */
  during<Result>(oldestMs: Ms, work: () => Promise<Result>): Promise<Result>;
}

export function createLagWatch({ lag, nowMs, every, failed }: LagWatchProps): LagWatch {
  const report = async (oldestMs: Ms) => {
    const atMs = nowMs();
    const classMs = LAG_CLASSES_MS.findLast((each) => each <= atMs - oldestMs);
    if (classMs === undefined) return;
    try {
      await lag.reportLag({ classMs, atMs });
    } catch (error) {
      failed(error);
    }
  };
  return {
    async during(oldestMs, work) {
      await report(oldestMs);
      const stop = every(BEAT_MS, () => report(oldestMs));
      try {
        return await work();
      } finally {
        stop();
        await report(oldestMs);
      }
    },
  };
}
