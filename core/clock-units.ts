import type { Ms } from './brands.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** For what counts in seconds, as the `ttl` of DynamoDB does. */
export const DAY_S = 86_400;

/** Returns an instant in ISO 8601, UTC, with milliseconds. */
export function iso(ms: Ms): string {
  return new Date(ms).toISOString();
}

export function maybeIso(ms: Ms | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}
