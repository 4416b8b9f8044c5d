import type { Ms } from '../brands.ts';
import { HOUR_MS } from '../clock-units.ts';

/** Shorter periods are retries of a client, not a plan. */
const PERIOD_MIN_MS = HOUR_MS;
/** A plan's run is as punctual as its scheduler: a tenth of its period covers queues, and months of 28 to 31 days. */
const UNSTEADY_MAX = 0.1;
/** Two charges have a distance. A third at the same distance makes it a period. */
const CHARGES_MIN = 3;

/** Equal charges at a steady period. */
export interface SteadyPeriod {
  readonly periodMs: Ms;
  /** How many turns of the period have a charge: three or more. */
  readonly charges: number;
}

/**
 * Returns the period when the charge at `timeMs` is one of three or more at a steady period of an hour or more: a
 * subscription, a reload or an instalment, not an outage. Of several periods it returns the shortest.
 *
 * @param times of all equal charges, `timeMs` among them, in any order
 */
export function steadyPeriod(times: readonly Ms[], timeMs: Ms): SteadyPeriod | undefined {
  const found = times
    .filter((other) => isApart(other, timeMs))
    .flatMap((other) => {
      const period = other - timeMs;
      const isThere = (expected: Ms) =>
        times.some(
          (third) => isNear(third, expected, Math.abs(period)) && isApart(third, timeMs) && isApart(third, other),
        );
      // The third: as far beyond the other, as far on the other side, or half way between.
      if (isThere(timeMs + period / 2)) return [Math.abs(period) / 2];
      return isThere(other + period) || isThere(timeMs - period) ? [Math.abs(period)] : [];
    });
  if (found.length === 0) return undefined;
  const periodMs = Math.round(Math.min(...found));
  const turns = times.flatMap((time) => {
    const turn = Math.round((time - timeMs) / periodMs);
    return isNear(time, timeMs + turn * periodMs, periodMs) ? [turn] : [];
  });
  return { periodMs, charges: Math.max(CHARGES_MIN, new Set(turns).size) };
}

function isNear(time: Ms, expected: Ms, periodMs: Ms): boolean {
  return Math.abs(time - expected) <= UNSTEADY_MAX * periodMs;
}

function isApart(a: Ms, b: Ms): boolean {
  return Math.abs(a - b) >= PERIOD_MIN_MS;
}
