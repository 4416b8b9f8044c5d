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
  const alertsExpected = totals.alerts + 2 * extra.cases;
  const totalRows: Rows = [
    ['events', summary.events, truth.events],
    ['charges', summary.charges, truth.charges],
    ['quarantined', summary.quarantined, truth.quarantined],
    ['flags', summary.flags, totals.flags + extra.flags],
    ['cases', summary.cases, totals.cases + extra.cases],
    ['refunded', summary.refunded, totals.refunded],
    ['held', summary.held, totals.held],
    ['dismissed', summary.dismissed, extra.flags],
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

/** The flags beyond the sure ones that some orders of processing raise, and the cases that only they open. */
function extraFlags(truth: Truth, flags: readonly ObservedFlag[]): { readonly flags: number; readonly cases: number } {
  const flagged = new Set(flags.map((flag) => `${flag.detector} ${name(flag)}`));
  const extra = { flags: 0, cases: 0 };
  for (const cluster of truth.clusters.filter(({ mayDismiss }) => mayDismiss > 0)) {
    const observed = cluster.charges.filter((charge) => flagged.has(`${cluster.detector} ${name(charge)}`)).length;
    const beyond = Math.min(Math.max(observed - sureFlags(cluster), 0), cluster.mayDismiss);
    extra.flags += beyond;
    extra.cases += beyond > 0 && sureFlags(cluster) === 0 ? 1 : 0;
  }
  return extra;
}
