import { formatMoney } from '../events/format-money.ts';
import type { AlertOf } from './alert.ts';
import {
  type IncidentRecord,
  type RefundAlert,
  reasonsOf,
  type SourceRefused,
  type Stakes,
  sentencesIn,
  signed,
  sums,
  type Words,
} from './email-words.ts';

export const ENGLISH: Words = {
  sentences: 'en',
  link: 'See ',
  id: 'Alert id: ',
  title: (alert) => {
    switch (alert.kind) {
      case 'case.opened':
        return `duplicate charge at ${alert.merchant}`;
      case 'case.resolved':
        return `resolved: duplicate charge at ${alert.merchant}`;
      case 'case.deadline':
        return `deadline ${alert.deadlineAt.slice(0, 10)}: unresolved duplicate charge at ${alert.merchant}`;
      case 'refund.unreconciled':
        return `ACT NOW: refunds differ from the processor's list at ${alert.merchant}`;
      case 'refund.failed':
        return `ACT NOW: a refund failed at ${alert.merchant}`;
      case 'refund.contested':
        return `ACT NOW: dispute on a refunded charge at ${alert.merchant}`;
      case 'short-order':
        return `ACT NOW: an order is short after our refund at ${alert.merchant}`;
      case 'refund.unknown':
        return `ACT NOW: outcome of a refund unknown at ${alert.merchant}`;
      case 'refund.in-error':
        return `a refund was made in error at ${alert.merchant}`;
      case 'hold.escalated':
        return `DECIDE: a refund waits for people at ${alert.merchant}`;
      case 'hold.expired':
        return `DECIDE: a refund at ${alert.merchant} got no answer and did not happen`;
      case 'budget.spent':
        return `the refund budget of the hour is spent at ${alert.merchant}`;
      case 'source-refused':
        return `${alert.severity === 'critical' ? 'ACT NOW: ' : ''}events of ${sourceInEnglish(alert)} are refused as ${alert.reason}`;
      case 'attestation-suspended':
        return `ACT NOW: the attestation ${alert.attestation} is suspended at ${alert.merchant}`;
      case 'incident.opened':
        return `INCIDENT: burst of duplicate charges ${scopeInEnglish(alert.scope)}`;
      case 'incident.digest':
        return `incident digest ${alert.number}, ${scopeInEnglish(alert.scope)}`;
      case 'incident.closed':
        return `incident over, ${scopeInEnglish(alert.scope)}`;
    }
  },
  lines: (alert) => {
    switch (alert.kind) {
      case 'case.opened':
      case 'case.resolved':
        return [
          `${alert.flags} surplus charge(s) for one payment; ${alert.unresolved} not resolved yet.`,
          stakesInEnglish(alert),
          ENGLISH_ACTIONS[alert.action],
          `The charge that stands: ${alert.original.chargeId} (${alert.original.source}). Case: ${alert.caseId}`,
        ];
      case 'case.deadline':
        return [
          `${alert.unresolved} of ${alert.flags} surplus charge(s) are not resolved, and must be by ${alert.deadlineAt}.`,
          stakesInEnglish(alert),
          `Decide what is held, and ask the processor about what failed. Case: ${alert.caseId}`,
        ];
      case 'refund.unreconciled':
        return [
          `The processor's refund report does not match ${alert.unreconciled} refund(s) of this case.`,
          stakesInEnglish(alert),
          `The audit of the case lists each difference. Ask the processor; do not refund by hand. Case: ${alert.caseId}`,
        ];
      case 'refund.failed':
        return [...refundInEnglish(alert), `The processor refused for good: ${alert.reason}`];
      case 'refund.contested':
        return [...refundInEnglish(alert), 'The payer may get the money twice: answer the dispute or stop the refund.'];
      case 'short-order':
        return [...refundInEnglish(alert), ...shortOrderInEnglish(alert)];
      case 'refund.unknown':
        return [
          ...refundInEnglish(alert),
          'We asked for days. Ask the processor what became of it; do not refund by hand.',
        ];
      case 'refund.in-error':
        return [
          ...refundInEnglish(alert),
          `${alert.by} states that the payer meant this charge: ${alert.reason}`,
          `Evidence: ${alert.evidence}. Nothing is charged again automatically.`,
        ];
      case 'hold.escalated':
        return [
          ...refundInEnglish(alert),
          `It has waited since ${alert.since}. Approve it, or keep the charge.`,
          `Without an answer the hold ends at ${alert.expiresAt}, and no money goes back.`,
        ];
      case 'hold.expired':
        return [
          ...refundInEnglish(alert),
          `It had waited since ${alert.since}. No money has moved, and none moves automatically.`,
          'The payer still has too much charged: approve the refund, or keep the charge.',
        ];
      case 'budget.spent':
        return [`Refunds in ${alert.currency} wait until the next hour (UTC) after ${alert.hour}, or for an approval.`];
      case 'source-refused':
        return refusedInEnglish(alert);
      case 'attestation-suspended':
        return suspendedInEnglish(alert);
      case 'incident.opened':
        return openedInEnglish(alert);
      default:
        return recordInEnglish(alert);
    }
  },
};

const ENGLISH_ACTIONS = {
  monitor: 'The detector only reports: no money moves.',
  review: 'The refund waits for a person to decide.',
  refund: 'The money is refunded automatically.',
} as const;

function shortOrderInEnglish({ why, evidence }: AlertOf<'short-order'>): readonly string[] {
  return [
    `We refunded it, and its order keeps less than it owes: ${why}.`,
    `Tell the merchant. The evidence file answers a dispute: GET ${evidence}.`,
  ];
}

function suspendedInEnglish(alert: AlertOf<'attestation-suspended'>): readonly string[] {
  return [
    `${alert.source} attests ${alert.attestation}, and the order ${alert.order} contradicts it: ${alert.why}.`,
    'Refunds that would rest on it wait for an approver. Ask the processor about the order.',
    `To restore the attestation: ${alert.command}`,
  ];
}

function refundInEnglish(alert: RefundAlert): readonly string[] {
  const amount = formatMoney(alert.amountMinor, { currency: alert.currency });
  return [
    `Charge ${alert.charge.chargeId} (${alert.charge.source}), ${amount}. Case: ${alert.caseId}`,
    ...sentencesIn('en', alert),
  ];
}

function stakesInEnglish({ atStakeMinor, refundedMinor, currency }: Stakes): string {
  return `At stake: ${formatMoney(atStakeMinor, { currency })}; refunded: ${formatMoney(refundedMinor, { currency })}.`;
}

function refusedInEnglish(alert: SourceRefused): readonly string[] {
  const { refused, accepted, hour, command } = alert;
  return [
    `${refused} events of ${sourceInEnglish(alert)} were refused in the hour from ${hour}:00 UTC; ${accepted} were judged.`,
    `Reasons: ${reasonsOf(alert)}. The events wait in quarantine, and duplicates among them are not found yet.`,
    `Look or repair with: ${command}`,
  ];
}

function sourceInEnglish({ source }: SourceRefused): string {
  return source ?? 'unregistered sources';
}

function scopeInEnglish(scope: AlertOf<'incident.opened'>['scope']): string {
  if (scope.kind === 'all') return 'at all merchants';
  return scope.kind === 'merchant' ? `at merchant ${scope.merchant}` : `at processor ${scope.source}`;
}

function openedInEnglish({ cases, windowSeconds, usual, threshold }: AlertOf<'incident.opened'>): readonly string[] {
  return [
    `${cases} cases in ${windowSeconds} s; about ${usual} would be usual, ${threshold} are an incident.`,
    'Single alerts are folded into a digest each minute until it is over. Refunds go on, within their budgets.',
  ];
}

function recordInEnglish(alert: IncidentRecord): readonly string[] {
  const { totals, changes } = alert;
  const state = (frozen: boolean) => (frozen ? 'frozen' : 'thawed');
  return [
    ...(alert.kind === 'incident.closed' && alert.reason === 'absorbed' ? ['A broader incident includes it now.'] : []),
    `Cases: ${totals.cases} (${signed(changes.cases)}), resolved ${totals.resolved} (${signed(changes.resolved)})`,
    `Surplus charges: ${totals.charges} (${signed(changes.charges)})`,
    `At stake: ${sums(totals, 'atStakeMinor', 'en')}`,
    `Given back: ${sums(totals, 'refundedMinor', 'en')}`,
    `Waiting for people: ${totals.held} held (${sums(totals, 'heldMinor', 'en')}), ${totals.failed} failed, ${totals.unknown} unknown`,
    `Most cases: ${alert.merchants.map(({ merchant, cases }) => `${merchant} ${cases}`).join(', ')}`,
    ...alert.orders.map((order) => {
      return `${order.at}: ${order.merchant ?? 'all'} refunds ${state(order.frozen)} by ${order.by}: ${order.reason}`;
    }),
  ];
}
