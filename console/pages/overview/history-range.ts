import type { Ms } from '../../../core/brands.ts';
import { DAY_MS, HOUR_MS, iso, MINUTE_MS } from '../../../core/clock-units.ts';

/** How far back the chart looks, and how fine. */
export const RANGES = {
  hour: { spanMs: HOUR_MS, bucket: 'minute', bucketMs: MINUTE_MS },
  day: { spanMs: DAY_MS, bucket: 'hour', bucketMs: HOUR_MS },
  month: { spanMs: 30 * DAY_MS, bucket: 'day', bucketMs: DAY_MS },
} as const;
export type Range = keyof typeof RANGES;

/** Whole buckets up to the one that is not over yet: a reading later in the same one asks the same. */
export function boundsOf(range: Range, nowMs: Ms): { readonly from: string; readonly to: string } {
  const { spanMs, bucketMs } = RANGES[range];
  const toMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  return { from: iso(toMs - spanMs), to: iso(toMs) };
}
