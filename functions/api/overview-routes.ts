import * as z from 'zod';
import { iso } from '../../core/clock-units.ts';
import { overviewOf, overviewSchema } from '../../core/queries/overview.ts';
import { BUCKET_MS, bucketsOf } from '../../core/queries/statistics.ts';
import { readMinutes } from '../../core/queries/sum-minutes.ts';
import { count, minor, named, time } from '../../core/queries/view-schema.ts';
import { Problem } from './problem.ts';
import { readRoute, reply } from './route.ts';

const RANGE_MS_MAX = 31 * BUCKET_MS.day;
const BUCKETS_MAX = 1_500;
const RANGE_MS = 3 * BUCKET_MS.hour;

const statistics = z
  .strictObject({
    buckets: z.array(
      z.strictObject({
        at: time,
        chargesProcessed: count,
        duplicates: count,
        refunds: count,
        /** Flags that began to wait for people. */
        held: count,
        money: z.record(z.string(), z.strictObject({ flaggedMinor: z.int(), refundedMinor: minor })),
      }),
    ),
    /** What happened later may not be counted yet. */
    wholeUntil: time,
  })
  .register(named, { id: 'Statistics' });

export const overviewRoutes = {
  readOverview: readRoute({
    summary: 'What happens now: charges processed, flags by status, money, incidents, freeze',
    answers: { 200: overviewSchema },
    handle: async (_asked, context) => reply(200, await overviewOf(context.nowMs(), context)),
  }),

  readStatistics: readRoute({
    summary: 'What happened, by minute, hour or day (UTC), also the buckets in which nothing did',
    query: z.strictObject({
      /** Three hours before `to`, where it is left out. */
      from: time.optional(),
      /** Now, where it is left out. */
      to: time.optional(),
      bucket: z.enum(['minute', 'hour', 'day']).default('minute'),
    }),
    answers: { 200: statistics },
    problems: ['range-invalid'],
    async handle({ query: { from, to, bucket } }, context) {
      const bucketMs = BUCKET_MS[bucket];
      const toMs = to === undefined ? context.nowMs() : Date.parse(to);
      const fromMs = Math.floor((from === undefined ? toMs - RANGE_MS : Date.parse(from)) / bucketMs) * bucketMs;
      if (fromMs < 0) throw new Problem('range-invalid', 'from, to: not before 1970');
      if (fromMs >= toMs) throw new Problem('range-invalid', 'to: must be after from');
      if (toMs - fromMs > RANGE_MS_MAX) throw new Problem('range-invalid', 'from, to: at most 31 days');
      if ((toMs - fromMs) / bucketMs > BUCKETS_MAX) {
        throw new Problem(
          'range-invalid',
          `bucket: at most ${BUCKETS_MAX} of them; take a longer bucket or a shorter range`,
        );
      }
      const { minutes, untilMs } = await readMinutes(fromMs, toMs, context);
      const buckets = bucketsOf(minutes, { fromMs, toMs, bucketMs });
      return reply(200, {
        buckets: buckets.map(({ atMs, sums }) => ({ at: iso(atMs), ...sums })),
        wholeUntil: iso(untilMs),
      });
    },
  }),
};
