export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** For what counts in seconds, as the `ttl` of DynamoDB does. */
export const DAY_S = 86_400;
