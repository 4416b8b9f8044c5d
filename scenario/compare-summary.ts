import { name, originalOf, sureFlags } from './compare-clusters.ts';
import type { ObservedFlag, ObservedSummary, Truth } from './truth.ts';

type Rows = readonly (readonly [total: string, observed: number, expected: number])[];

/** Each total against the truth, and the summary against the flags that it sums up. */
export function compareSummary(
  truth: Truth,
  flags: readonly ObservedFlag[],
  summary: ObservedSummary,
): readonly string[] {
  const { totals } = truth;
  const extra = extraFlags(truth, flags);
  const alertsExpected = totals.alerts + extra.alerts;
  const totalRows: Rows = [
    ['events', summary.events, truth.events],
    ['charges', summary.charges, truth.charges],
    ['quarantined', summary.quarantined, truth.quarantined],
    ['flags', summary.flags, totals.flags + extra.dismissed + extra.held],
    ['cases', summary.cases, totals.cases + extra.cases],
    ['refunded', summary.refunded, totals.refunded],
    ['held', summary.held, totals.held + extra.held],
    ['dismissed', summary.dismissed, extra.dismissed],
    ['monitored', summary.monitored ?? 0, totals.monitored ?? 0],
    ['failed', summary.failed, totals.failed],
  ];
  // One when a case opens and one when it is resolved; while an incident is open its digests include both.
  const isFolded = (summary.incidents ?? 0) > 0 && summary.alerts < alertsExpected;
  const alertRows: Rows = isFolded ? [] : [['alerts', summary.alerts, alertsExpected]];
  const currencies = new Set([...Object.keys(totals.refundedMinor), ...Object.keys(summary.refundedMinor)]);
  const moneyRows: Rows = [...currencies].map((currency) => [
    `refundedMinor in ${currency}`,
    summary.refundedMinor[currency] ?? 0,
    totals.refundedMinor[currency] ?? 0,
  ]);
  return [
    ...differing([...totalRows, ...alertRows, ...moneyRows], 'the truth'),
    ...differing(flagRows(flags, summary), 'the flags themselves'),
  ];
}

/** A summary that agrees with the truth and not with the flags is made up. */
function flagRows(flags: readonly ObservedFlag[], summary: ObservedSummary): Rows {
  const ended = (status: string): number => flags.filter((flag) => flag.status === status).length;
  return [
    ['flags', summary.flags, flags.length],
    ['cases', summary.cases, new Set(flags.map((flag) => name(originalOf(flag)))).size],
    ['refunded', summary.refunded, ended('refunded')],
    ['held', summary.held, ended('held')],
    ['dismissed', summary.dismissed, ended('dismissed')],
    ['failed', summary.failed, ended('failed')],
  ];
}

function differing(rows: Rows, judge: string): string[] {
  return rows
    .filter(([, observed, expected]) => observed !== expected)
    .map(([total, observed, expected]) => `total ${total} is ${observed}; by ${judge} it is ${expected}`);
}

interface Extra {
  readonly dismissed: number;
  readonly held: number;
  readonly cases: number;
  readonly alerts: number;
}

/** The flags beyond the sure ones that some orders of processing raise, and the cases and alerts that only they cause. */
function extraFlags(truth: Truth, flags: readonly ObservedFlag[]): Extra {
  const statuses = new Map(flags.map((flag) => [`${flag.detector} ${name(flag)}`, flag.status]));
  const extra = { dismissed: 0, held: 0, cases: 0, alerts: 0 };
  for (const cluster of truth.clusters) {
    const { mayDismiss, mayHold = 0 } = cluster;
    if (mayDismiss + mayHold === 0) continue;
    const observed = cluster.charges.flatMap((charge) => statuses.get(`${cluster.detector} ${name(charge)}`) ?? []);
    const waiting = observed.filter((status) => status === 'held').length;
    const held = between(0, waiting - cluster.held, mayHold);
    const dismissed = between(0, observed.length - sureFlags(cluster) - held, mayDismiss);
    extra.held += held;
    extra.dismissed += dismissed;
    if (sureFlags(cluster) > 0 || held + dismissed === 0) continue;
    extra.cases += 1;
    // A case that waits is still open: only its opening was announced.
    extra.alerts += held > 0 ? 1 : 2;
  }
  return extra;
}

function between(min: number, value: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
