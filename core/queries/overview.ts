import * as z from 'zod';
import type { Minor, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { FLAG_STATUSES, type Flag, type FlagStatus, isResolved } from '../cases/flag.ts';
import { iso, maybeIso } from '../clock-units.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { FreezeStore } from '../refunds/freeze.ts';
import { frozenSchema, frozenView } from './freeze-view.ts';
import { incidentView, incidentViewSchema } from './incident-view.ts';
import { addSums, BUCKET_MS, NO_SUMS } from './statistics.ts';
import { type ReadMinutesContext, readMinutes } from './sum-minutes.ts';
import { count, minor, named, time, type View } from './view-schema.ts';

/** What happens now. The last day is the 24 hours before `at`. */
export const overviewSchema = z
  .strictObject({
    at: time,
    chargesProcessedLastHour: count,
    /** How long the newest batch had been on the stream when it was judged; absent when none was in the last hour. */
    lagMs: count.optional(),
    lastJudgedAt: time.optional(),
    /** Flags by status: all that are unresolved, and of those that are resolved the ones raised in the last day. */
    flags: z.record(z.enum(FLAG_STATUSES), count),
    /** Flagged and refunded in the last day, and what waits for people now. */
    money: z.record(z.string(), z.strictObject({ atStakeMinor: minor, refundedMinor: minor, heldMinor: minor })),
    /** Those that are not closed. */
    incidents: z.array(incidentViewSchema),
    /** The freeze of all refunds, while there is one. */
    frozen: frozenSchema.optional(),
  })
  .register(named, { id: 'Overview' });
export type Overview = View<typeof overviewSchema>;

export interface OverviewContext extends ReadMinutesContext {
  readonly cases: Pick<CaseStore, 'countFlags' | 'flagsByStatus'>;
  readonly incidents: Pick<IncidentStore, 'chargesProcessedSince' | 'unfinishedIncidents'>;
  readonly freezes: Pick<FreezeStore, 'newestOrders'>;
}

/** Held flags whose amounts are added up: what people have not come to is told to be at least so much. */
const HELD_MAX = 500;

export async function overviewOf(nowMs: Ms, context: OverviewContext): Promise<Overview> {
  const dayAgoMs = nowMs - BUCKET_MS.day;
  const [chargesProcessed, counts, { minutes }, held, incidents, [freeze]] = await Promise.all([
    context.incidents.chargesProcessedSince(nowMs - BUCKET_MS.hour, nowMs),
    Promise.all(FLAG_STATUSES.map((status) => countOf(status, dayAgoMs, context))),
    readMinutes(dayAgoMs, nowMs, context),
    context.cases.flagsByStatus('held', { limit: HELD_MAX }),
    context.incidents.unfinishedIncidents(),
    context.freezes.newestOrders([]),
  ]);
  const { newest } = chargesProcessed;
  const day = minutes.map(({ sums }) => sums).reduce(addSums, NO_SUMS);
  return {
    at: iso(nowMs),
    chargesProcessedLastHour: chargesProcessed.charges,
    lagMs: newest && Math.max(0, newest.lagMs),
    lastJudgedAt: maybeIso(newest?.atMs),
    flags: Object.fromEntries(counts) as Record<FlagStatus, number>, // one entry for each status
    money: moneyOf(day.money, held.items),
    incidents: incidents.filter(({ status }) => status !== 'closed').map(incidentView),
    frozen: frozenView(freeze),
  };
}

async function countOf(status: FlagStatus, dayAgoMs: Ms, { cases }: OverviewContext) {
  return [status, await cases.countFlags(status, isResolved(status) ? dayAgoMs : 0)] as const;
}

function moneyOf(day: (typeof NO_SUMS)['money'], held: readonly Flag[]): Overview['money'] {
  const heldMinor = new Map<string, Minor>();
  for (const { charge } of held) {
    heldMinor.set(charge.currency, (heldMinor.get(charge.currency) ?? 0) + charge.amountMinor);
  }
  const currencies = new Set([...Object.keys(day), ...heldMinor.keys()]);
  return Object.fromEntries(
    [...currencies].sort().map((currency) => [
      currency,
      {
        atStakeMinor: day[currency]?.flaggedMinor ?? 0,
        refundedMinor: day[currency]?.refundedMinor ?? 0,
        heldMinor: heldMinor.get(currency) ?? 0,
      },
    ]),
  );
}
