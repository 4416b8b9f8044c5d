/** How far back the chart looks, and how fine. */
export const RANGES = {
  hour: { spanMs: 3_600_000, bucket: 'minute', bucketMs: 60_000 },
  day: { spanMs: 24 * 3_600_000, bucket: 'hour', bucketMs: 3_600_000 },
  month: { spanMs: 30 * 24 * 3_600_000, bucket: 'day', bucketMs: 24 * 3_600_000 },
} as const;
export type Range = keyof typeof RANGES;

/** Whole buckets up to the one that is not over yet: a reading later in the same one asks the same. */
export function boundsOf(range: Range, nowMs: number): { readonly from: string; readonly to: string } {
  const { spanMs, bucketMs } = RANGES[range];
  const toMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  return { from: new Date(toMs - spanMs).toISOString(), to: new Date(toMs).toISOString() };
}
