import type { Minor } from '../core/brands.ts';
import { formatMoney } from '../core/events/format-money.ts';
import type { FlagRow } from './case-items.ts';

/** What a run came to; `--json` prints it as it is. */
export interface RunSummary {
  /** Records that the stream took. */
  readonly events: number;
  /** Distinct charges whose capture the file tells in a well-formed event. */
  readonly charges: number;
  readonly quarantined: number;
  readonly flags: number;
  readonly cases: number;
  readonly refunded: number;
  readonly held: number;
  readonly dismissed: number;
  readonly failed: number;
  readonly 'reversed-externally': number;
  readonly kept: number;
  readonly monitored: number;
  /** Flags that were still on their way when the run gave up waiting. */
  readonly pending: number;
  /** Charges that no window remembers and no quarantine has. */
  readonly lost: number;
  readonly refundedMinor: Readonly<Record<string, Minor>>;
  readonly alerts: number;
  /** Bursts of cases, each notified as one incident: `alerts` lacks what is in their digests. */
  readonly incidents: number;
  /** Rows that the map leaves out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Lines that could not become a record. */
  readonly notSent: number;
  /** Lines that are no well-formed event, sent or not. */
  readonly troubleLines: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface SummaryInput {
  readonly sent: number;
  readonly charges: number;
  readonly quarantined: number;
  readonly flags: readonly FlagRow[];
  readonly cases: number;
  readonly lost: number;
  readonly alerts: number;
  readonly incidents: number;
  readonly skipped: ReadonlyMap<string, number>;
  readonly unsendable: number;
  readonly troubleLines: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Statuses from which a flag moves on without people. */
export const PENDING_STATUSES: readonly string[] = ['open', 'approved', 'refunding'];

export function summarize(input: SummaryInput): RunSummary {
  const { flags } = input;
  const count = (...statuses: readonly string[]) => flags.filter(({ status }) => statuses.includes(status)).length;
  const refundedMinor: Record<string, Minor> = {};
  for (const { currency, refundedMinor: minor } of flags) {
    if (minor > 0) refundedMinor[currency] = (refundedMinor[currency] ?? 0) + minor;
  }
  return {
    events: input.sent,
    charges: input.charges,
    quarantined: input.quarantined,
    flags: flags.length,
    cases: input.cases,
    refunded: count('refunded', 'refunded-in-error'),
    held: count('held'),
    dismissed: count('dismissed'),
    failed: count('failed'),
    'reversed-externally': count('reversed-externally'),
    kept: count('kept'),
    monitored: count('monitored'),
    pending: count(...PENDING_STATUSES),
    lost: input.lost,
    refundedMinor,
    alerts: input.alerts,
    incidents: input.incidents,
    skipped: Object.fromEntries(input.skipped),
    notSent: input.unsendable,
    troubleLines: input.troubleLines,
    steps: input.steps,
    seconds: input.seconds,
  };
}

/** What the design promises whatever the input; each breach in words. */
export function brokenPromises({ pending, failed, lost }: RunSummary): readonly string[] {
  const breaches: string[] = [];
  if (lost > 0) breaches.push(`${lost} charges were lost: no window remembers them and no quarantine has them`);
  if (pending > 0) breaches.push(`${pending} flags are still pending: they are open, approved or refunding`);
  if (failed > 0) breaches.push(`${failed} refunds failed for good`);
  return breaches;
}

/** The summary as a table for people; rows of nothing are left out where nothing is the usual. */
export function printSummary(summary: RunSummary): string {
  const number = new Intl.NumberFormat('en');
  const rows: [string, string][] = [
    ['events on the stream', number.format(summary.events)],
    ['charges', number.format(summary.charges)],
    ['quarantined', number.format(summary.quarantined)],
    ['flags', `${number.format(summary.flags)} in ${number.format(summary.cases)} cases`],
  ];
  for (const status of ['refunded', 'held', 'dismissed', 'failed'] as const) {
    rows.push([`  ${status}`, number.format(summary[status])]);
  }
  for (const status of ['reversed-externally', 'kept', 'monitored', 'pending'] as const) {
    if (summary[status] > 0) rows.push([`  ${status}`, number.format(summary[status])]);
  }
  for (const [currency, minor] of Object.entries(summary.refundedMinor)) {
    rows.push([`refunded in ${currency}`, formatMoney(minor, { currency })]);
  }
  rows.push(['alerts', number.format(summary.alerts)]);
  if (summary.incidents > 0) rows.push(['incidents', number.format(summary.incidents)]);
  for (const [reason, rowsSkipped] of Object.entries(summary.skipped)) {
    rows.push(['rows skipped', `${number.format(rowsSkipped)}: ${reason}`]);
  }
  if (summary.troubleLines > 0) {
    rows.push([
      'lines with trouble',
      `${number.format(summary.troubleLines)}, ${number.format(summary.notSent)} not sent`,
    ]);
  }
  if (summary.lost > 0) rows.push(['charges lost', number.format(summary.lost)]);
  rows.push(['seconds', summary.seconds.toFixed(1)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
