import * as z from 'zod';
import { FLAG_STATUSES, REASONS_TO_WAIT } from '../cases/flag.ts';
import { GROUNDS } from '../detection/charge-record.ts';
import { QUARANTINE_REASONS } from '../events/parse-event.ts';
import { ATTESTATIONS } from '../events/source.ts';

/** Rises when a field changes its meaning or goes. A new field or kind does not raise it: readers ignore what is new. */
export const ALERT_VERSION = 1;

const count = z.int().nonnegative();
const change = z.int();
const chargeRef = z.object({ source: z.string(), chargeId: z.string() });
const hex = z.string().regex(/^[0-9a-f]{32}$/);
const time = z.iso.datetime();

const severity = z.enum(['info', 'warning', 'critical']);
const action = z
  .enum(['monitor', 'review', 'refund'])
  .describe(
    'What the detector says: `monitor` only reports, `review` waits for an approver, `refund` is refunded automatically.',
  );

const head = {
  version: z.literal(ALERT_VERSION),
  alertId: z.string().describe('The same for the same change: a reader drops what it has had.'),
  severity,
  at: time.describe('When it came about. ISO 8601, UTC.'),
  link: z.url().optional().describe('Where the console shows it; absent where no console is configured.'),
};

const sentence = z.object({ en: z.string(), zh: z.string() });
const reasonSentences = z.array(z.object({ reason: z.enum(REASONS_TO_WAIT), sentence }));
const groundSentences = z.array(z.object({ ground: z.enum(GROUNDS), sentence }));
const reasons = reasonSentences
  .optional()
  .describe('Each reason of `waitsFor` as a sentence, without tokens of payers and instruments.');
const grounds = groundSentences
  .optional()
  .describe('What the refund rested on when it was claimed, each ground as a sentence.');

const aboutCase = { caseId: hex, merchant: z.string(), action };
const money = { currency: z.string().describe('ISO 4217'), atStakeMinor: count, refundedMinor: count };
const caseFields = {
  ...head,
  ...aboutCase,
  original: chargeRef.describe('The charge that stands.'),
  flags: count.describe('Surplus charges found so far.'),
  unresolved: count,
  ...money,
  refunds: z
    .array(
      z.object({
        flagId: hex,
        charge: chargeRef,
        status: z.enum(FLAG_STATUSES),
        reasons: reasonSentences.describe('Why it waits now.'),
        grounds: groundSentences.describe('What it rested on.'),
      }),
    )
    .optional()
    .describe('Refunds of the case that wait or were claimed, 20 at most. Absent where the case is new.'),
};
const refundFields = {
  ...head,
  ...aboutCase,
  flagId: hex,
  attempt: count,
  charge: chargeRef.describe('The charge whose refund needs people.'),
  currency: z.string().describe('ISO 4217'),
  amountMinor: count.describe('What was to go back, minor units.'),
  grounds,
};

const holdFields = {
  ...refundFields,
  waitsFor: z.array(z.enum(REASONS_TO_WAIT)).describe('What people are asked about.'),
  reasons,
  since: time.describe('Since when no approver has answered. Other refunds of the case may wait too.'),
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
const incidentFields = { ...head, incidentId: z.string(), scope, openedAt: time };
const quarantineReason = z.enum(QUARANTINE_REASONS);
const merchants = z.array(z.object({ merchant: z.string(), cases: count })).describe('Those with most cases.');

export const alertSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('case.opened'), ...caseFields }),
    z.object({ kind: z.literal('case.resolved'), ...caseFields }),
    z.object({
      kind: z.literal('case.deadline'),
      ...caseFields,
      deadlineAt: time.describe('By then the matter must be closed. ISO 8601, UTC.'),
    }),
    z.object({
      kind: z.literal('refund.unreconciled'),
      ...caseFields,
      unreconciled: count.describe('Refunds of the case that do not match the refund report of the processor.'),
    }),
    z.object({ kind: z.literal('refund.failed'), ...refundFields, reason: z.string() }),
    z.object({ kind: z.literal('refund.contested'), ...refundFields }),
    z.object({
      kind: z.literal('short-order'),
      ...refundFields,
      why: z.string().describe('What has become of the charges that were to stay.'),
      evidence: z
        .string()
        .describe('Path of the API that answers with the evidence file of the case, for the dispute.'),
    }),
    z.object({ kind: z.literal('refund.unknown'), ...refundFields }),
    z.object({
      kind: z.literal('refund.in-error'),
      ...refundFields,
      by: z.string(),
      reason: z.string(),
      evidence: z.string().describe('What shows that the charge was meant.'),
    }),
    z.object({
      kind: z.literal('hold.escalated'),
      ...holdFields,
      expiresAt: time.describe('When the hold ends without a refund, unless an approver answers before.'),
    }),
    z.object({ kind: z.literal('hold.expired'), ...holdFields }),
    z.object({
      kind: z.literal('budget.spent'),
      ...head,
      ...aboutCase,
      currency: z.string().describe('ISO 4217'),
      hour: z.string().describe('The clock hour, UTC, whose budget is spent: 2024-11-11T01'),
      flagId: hex.describe('The first refund that waits for it.'),
    }),
    z.object({
      kind: z.literal('source-refused'),
      ...head,
      source: z
        .string()
        .optional()
        .describe('A registered source. Absent: all records of other sources, or without one, together.'),
      hour: z.string().describe('The clock hour, UTC: 2024-11-11T01'),
      reason: quarantineReason.describe('Why most of the records were refused.'),
      refused: count.describe('Records refused in that hour until then. Counting ends soon after `alertAfter`.'),
      accepted: count.describe('Events of the source that were judged in that hour until then.'),
      byReason: z.partialRecord(quarantineReason, count).describe('Refused records by reason.'),
      command: z.string().describe('What an operator can run first. Words in capitals stand for what only they know.'),
    }),
    z.object({
      kind: z.literal('attestation-suspended'),
      ...head,
      source: z.string().describe('Who attests.'),
      merchant: z.string().describe('For whose charges the attestation no longer counts.'),
      attestation: z.enum(ATTESTATIONS),
      order: z.string().describe('The order that contradicts it.'),
      why: z.string().describe('What the order shows.'),
      command: z.string().describe('Ends the suspension, once the source has explained the order.'),
    }),
    z.object({
      kind: z.literal('incident.opened'),
      ...incidentFields,
      cases: count.describe('Cases of the scope in the window that opened it.'),
      usual: z.number().nonnegative().describe('Cases that would have been usual.'),
      threshold: count,
      windowSeconds: count,
    }),
    z.object({
      kind: z.literal('incident.digest'),
      ...incidentFields,
      number: count.describe('1, 2, 3, … without gaps'),
      totals: totals(count),
      changes: totals(change).describe('Changes since the digest before; all changes add up to the totals.'),
      merchants,
      orders: z.array(order).describe('Freezes and thaws while it was open.'),
    }),
    z.object({
      kind: z.literal('incident.closed'),
      ...incidentFields,
      closedAt: time,
      reason: z.enum(['quiet', 'absorbed']).describe('`absorbed`: a broader incident includes it from now on.'),
      digests: count,
      totals: totals(count),
      changes: totals(change),
      merchants,
      orders: z.array(order),
    }),
  ])
  .meta({
    title: 'Onecharge alert',
    description: 'What Onecharge publishes on its alerts topic. Readers ignore what is new.',
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
    case 'source-refused':
      return { kind, severity };
    case 'attestation-suspended':
      return { kind, severity, merchant: alert.merchant };
    default: {
      const { merchant, currency, action: does } = alert;
      return { kind, severity, merchant, currency, action: does };
    }
  }
}

function merchantOf(of: z.infer<typeof scope>) {
  return of.kind === 'merchant' ? { merchant: of.merchant } : {};
}
