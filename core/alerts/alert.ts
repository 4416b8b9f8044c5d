import * as z from 'zod';
import { HOLD_REASONS } from '../cases/flag.ts';

/** Rises when a field changes its meaning or goes. A new field or kind does not raise it: readers ignore what is new. */
export const ALERT_VERSION = 1;

const count = z.int().nonnegative();
const change = z.int();
const chargeRef = z.object({ source: z.string(), chargeId: z.string() });
const hex = z.string().regex(/^[0-9a-f]{32}$/);
const time = z.iso.datetime();

const severity = z.enum(['info', 'warning', 'critical']);
const action = z
  .enum(['watch', 'review', 'refund'])
  .describe('What the detector says: `watch` only reports, `review` waits for a person, `refund` goes back by itself.');

const head = {
  version: z.literal(ALERT_VERSION),
  alertId: z.string().describe('The same for the same news: who gets it twice can tell.'),
  severity,
  at: time.describe('When it came about. ISO 8601, UTC.'),
  link: z.url().optional().describe('Where the console shows it; absent where no console is configured.'),
};

const aboutCase = { caseId: hex, merchant: z.string(), action };
const money = { currency: z.string().describe('ISO 4217'), atStakeMinor: count, refundedMinor: count };
const caseNews = {
  ...head,
  ...aboutCase,
  original: chargeRef.describe('The charge that stands.'),
  flags: count.describe('Surplus charges found so far.'),
  unresolved: count,
  ...money,
};
const refundNews = {
  ...head,
  ...aboutCase,
  flagId: hex,
  attempt: count,
  charge: chargeRef.describe('The charge whose refund needs people.'),
  currency: z.string().describe('ISO 4217'),
  amountMinor: count.describe('What was to go back, minor units.'),
};

const holdNews = {
  ...refundNews,
  holds: z.array(z.enum(HOLD_REASONS)).describe('What people are asked about.'),
  since: time.describe('Since when nobody has answered. Other refunds of the case may wait too.'),
};

const totals = (number: z.ZodInt) =>
  z.object({
    cases: number,
    resolved: number,
    charges: number.describe('Surplus charges'),
    held: number.describe('Refunds that wait for people'),
    failed: number,
    unknown: number,
    money: z.record(
      z.string().describe('ISO 4217'),
      z.object({ atStakeMinor: number, refundedMinor: number, heldMinor: number }),
    ),
  });

const scope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('processor'), source: z.string() }),
  z.object({ kind: z.literal('merchant'), merchant: z.string() }),
]);
const order = z.object({
  frozen: z.boolean().describe('true: refunds were frozen; false: they were thawed'),
  merchant: z.string().optional().describe('Absent: all refunds.'),
  by: z.string(),
  reason: z.string(),
  at: time,
});
const incidentNews = { ...head, incidentId: z.string(), scope, openedAt: time };
const merchants = z.array(z.object({ merchant: z.string(), cases: count })).describe('Those with most cases.');

export const alertSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('case.opened'), ...caseNews }),
    z.object({ kind: z.literal('case.resolved'), ...caseNews }),
    z.object({
      kind: z.literal('case.deadline'),
      ...caseNews,
      deadlineAt: time.describe('By then the matter must be closed. ISO 8601, UTC.'),
    }),
    z.object({
      kind: z.literal('refund.unreconciled'),
      ...caseNews,
      unreconciled: count.describe('Refunds of the case of which a list of the processor says otherwise than we.'),
    }),
    z.object({ kind: z.literal('refund.failed'), ...refundNews, why: z.string() }),
    z.object({ kind: z.literal('refund.contested'), ...refundNews }),
    z.object({ kind: z.literal('refund.unknown'), ...refundNews }),
    z.object({
      kind: z.literal('refund.mistaken'),
      ...refundNews,
      by: z.string(),
      why: z.string(),
      evidence: z.string().describe('What shows that the charge was meant.'),
    }),
    z.object({
      kind: z.literal('hold.escalated'),
      ...holdNews,
      expiresAt: time.describe('When the hold ends without a refund, if nobody answers until then.'),
    }),
    z.object({ kind: z.literal('hold.expired'), ...holdNews }),
    z.object({
      kind: z.literal('budget.spent'),
      ...head,
      ...aboutCase,
      currency: z.string().describe('ISO 4217'),
      hour: z.string().describe('The clock hour, UTC, whose budget is spent: 2024-11-11T01'),
      flagId: hex.describe('The first refund that waits for it.'),
    }),
    z.object({
      kind: z.literal('incident.opened'),
      ...incidentNews,
      cases: count.describe('Cases of the scope in the window that opened it.'),
      usual: z.number().nonnegative().describe('Cases that would have been usual.'),
      threshold: count,
      windowSeconds: count,
    }),
    z.object({
      kind: z.literal('incident.digest'),
      ...incidentNews,
      number: count.describe('1, 2, 3, … without gaps'),
      totals: totals(count),
      news: totals(change).describe('What came about since the digest before; all news add up to the totals.'),
      merchants,
      orders: z.array(order).describe('Freezes and thaws while it was open.'),
    }),
    z.object({
      kind: z.literal('incident.closed'),
      ...incidentNews,
      closedAt: time,
      why: z.enum(['quiet', 'absorbed']).describe('`absorbed`: a broader incident tells of it from now on.'),
      digests: count,
      totals: totals(count),
      news: totals(change),
      merchants,
      orders: z.array(order),
    }),
  ])
  .meta({
    title: 'Onecharge alert',
    description: 'What Onecharge says on its alerts topic. Readers ignore what is new.',
  });

export type Alert = z.infer<typeof alertSchema>;
export type AlertKind = Alert['kind'];
export type AlertOf<Kind extends AlertKind> = Extract<Alert, { kind: Kind }>;

/** What filter policies of subscriptions can ask for. A list matches when any of its members does. */
export interface AlertAttributes {
  readonly kind: AlertKind;
  readonly severity: Alert['severity'];
  readonly merchant?: string;
  readonly currency?: string | readonly string[];
  readonly action?: z.infer<typeof action>;
}

export function attributesOf(alert: Alert): AlertAttributes {
  const { kind, severity } = alert;
  switch (alert.kind) {
    case 'incident.opened':
      return { kind, severity, ...merchantOf(alert.scope) };
    case 'incident.digest':
    case 'incident.closed': {
      const currencies = Object.keys(alert.totals.money).sort();
      return { kind, severity, ...merchantOf(alert.scope), ...(currencies.length > 0 && { currency: currencies }) };
    }
    default: {
      const { merchant, currency, action: does } = alert;
      return { kind, severity, merchant, currency, action: does };
    }
  }
}

function merchantOf(of: z.infer<typeof scope>) {
  return of.kind === 'merchant' ? { merchant: of.merchant } : {};
}
