import type { Ms } from './brands.ts';

/** Chance as an argument: a number in [0, 1). Seeded in the simulator. */
export type Random = () => number;

/** Waiting as an argument: simulated time in the simulator. */
export type Sleep = (ms: Ms) => Promise<void>;

export interface Backoff {
  readonly triesMax: number;
  readonly baseMs: Ms;
  readonly capMs: Ms;
}

/**
 * Exponential backoff with full jitter: a uniform wait between nothing and the capped exponential.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, { baseMs, capMs }: Backoff, random: Random): Ms {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** attempt));
}
