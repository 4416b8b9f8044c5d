import type { Ms } from '../brands.ts';
import { HOUR_MS } from '../clock-units.ts';

/** Shorter periods are retries of a client, not a plan. */
const PERIOD_MIN_MS = HOUR_MS;
/** A plan's run is as punctual as its scheduler: a tenth of its period covers queues, and months of 28 to 31 days. */
const UNSTEADY_MAX = 0.1;

/**
 * Returns true when the charge at `timeMs` is one of three or more at a steady period of an hour or more: a subscription,
 * a reload or an instalment, not an outage.
 *
 * @param times of all equal charges, `timeMs` among them, in any order
 */
export function isSteady(times: readonly Ms[], timeMs: Ms): boolean {
  const others = times.filter((other) => Math.abs(other - timeMs) >= PERIOD_MIN_MS);
  return others.some((other) => {
    const period = other - timeMs;
    // The third: as far beyond the other, as far on the other side, or half way between.
    return [other + period, timeMs - period, timeMs + period / 2].some((expected) =>
      times.some(
        (third) => isNear(third, expected, Math.abs(period)) && isApart(third, timeMs) && isApart(third, other),
      ),
    );
  });
}

function isNear(time: Ms, expected: Ms, periodMs: Ms): boolean {
  return Math.abs(time - expected) <= UNSTEADY_MAX * periodMs;
}

function isApart(a: Ms, b: Ms): boolean {
  return Math.abs(a - b) >= PERIOD_MIN_MS;
}
