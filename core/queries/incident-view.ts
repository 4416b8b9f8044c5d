import * as z from 'zod';
import { iso, maybeIso } from '../clock-units.ts';
import type { Incident } from '../incidents/incident.ts';
import type { Totals } from '../incidents/totals.ts';
import { freezeOrderSchema, freezeOrderView } from './freeze-view.ts';
import { count, minor, named, time, type View } from './view-schema.ts';

const scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('processor'), source: z.string() }),
  z.strictObject({ kind: z.literal('merchant'), merchant: z.string() }),
]);
const money = z.strictObject({ atStakeMinor: minor, refundedMinor: minor, heldMinor: minor });
const totals = z.strictObject({
  cases: count,
  resolved: count,
  charges: count,
  /** Flags that wait for people, and why. */
  held: count,
  failed: count,
  unknown: count,
  money: z.record(z.string(), money),
});
/** A burst of cases that is notified as one incident. Its totals are as of the last message. */
export const incidentViewSchema = z
  .strictObject({
    id: z.string(),
    scope,
    status: z.enum(['open', 'closing', 'closed']),
    openedAt: time,
    /** Cases opened since then belong to it. */
    since: time,
    burst: z.strictObject({ cases: count, usual: z.number(), threshold: z.number() }),
    totals,
    notifiedAt: time,
    merchants: z.array(z.strictObject({ merchant: z.string(), cases: count })),
    /** Who stopped and released refunds while it lasted. */
    orders: z.array(freezeOrderSchema),
    closedAt: time.optional(),
    reason: z.enum(['quiet', 'absorbed']).optional(),
  })
  .register(named, { id: 'Incident' });
export type IncidentView = View<typeof incidentViewSchema>;

export function incidentView(of: Incident): IncidentView {
  const { cases, usual, threshold } = of.burst;
  return {
    id: of.id,
    scope: of.scope,
    status: of.status,
    merchants: of.merchants,
    reason: of.reason,
    openedAt: iso(of.openedAtMs),
    since: iso(of.sinceMs),
    burst: { cases, usual, threshold },
    totals: totalsView(of.totals),
    notifiedAt: iso(of.messageAtMs),
    orders: of.orders.map(freezeOrderView),
    closedAt: maybeIso(of.closedAtMs),
  };
}

function totalsView({ cases, resolved, charges, held, failed, unknown, money: sums }: Totals) {
  return { cases, resolved, charges, held, failed, unknown, money: sums };
}
