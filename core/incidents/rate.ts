import type { Ms } from '../brands.ts';

export interface RateSettings {
  /** Share of charges that are duplicates on a usual day. */
  readonly baseRate: number;
  /** So many times the usual rate is still usual: retries come in clumps, and a base rate is an estimate. */
  readonly tolerance: number;
  /** Probability that a window of a rate within tolerance opens an incident all the same. */
  readonly falseAlarm: number;
  /** Fewer cases in a window are never an incident. */
  readonly minCases: number;
}

/**
 * How many cases in a window make an incident, given the charges processed in it: the least count that a Poisson number of
 * cases, of a mean `tolerance` times the usual one, reaches with a probability of at most `falseAlarm`; never fewer than
 * `minCases`. The probability is bounded from above: for k > m, P(X >= k) <= exp(-m) (em / k)^k.
 * Source of the bound: M. Mitzenmacher, E. Upfal, Probability and Computing, 2nd ed., theorem 5.4. Cases and not charges
 * are counted: the 22 charges of one retried order are one event, and only separate events are near to Poisson.
 */
export function thresholdOf(chargesProcessed: number, settings: RateSettings): number {
  const mean = settings.tolerance * usualCases(chargesProcessed, settings);
  return Math.max(settings.minCases, leastUnlikely(mean, settings.falseAlarm));
}

export function usualCases(chargesProcessed: number, { baseRate }: Pick<RateSettings, 'baseRate'>): number {
  return baseRate * chargesProcessed;
}

function leastUnlikely(mean: number, probability: number): number {
  if (mean <= 0) return 1;
  const isUnlikely = (count: number) => -mean + count * (1 + Math.log(mean / count)) <= Math.log(probability);
  // The bound falls as the count rises above the mean: double past the answer, then halve down to it.
  let low = Math.floor(mean);
  let high = low + 1;
  while (!isUnlikely(high)) high += high - low;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle > mean && isUnlikely(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export interface IncidentSettings {
  readonly windowMs: Ms;
  readonly quietMs: Ms;
  /** Of one merchant, or of processors and everybody. */
  rateOf(merchant: string | undefined): RateSettings;
}
