import { countFlags } from '../../adapters/dynamodb/flag-index.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import type { Ms } from '../../core/brands.ts';
import { FLAG_STATUSES } from '../../core/cases/flag.ts';
import { HOUR_MS, iso } from '../../core/clock-units.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { scopeKey } from '../../core/incidents/scope.ts';
import { frozenView } from '../../core/queries/freeze-view.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { freezesOf } from '../stage-freezes.ts';

interface StatusOptions {
  readonly stage: string;
  readonly json?: boolean;
}

/** What an operator asks first; `--json` prints it as it is. */
export interface Status {
  readonly at: string;
  /** Charges judged for the first time in the last hour. */
  readonly chargesProcessedLastHour: number;
  /** How long the newest batch had been on the stream when it was judged; absent when none was in the last hour. */
  readonly lagMs?: Ms | undefined;
  readonly lastJudgedAt?: string | undefined;
  /** All flags, and those of each status. */
  readonly flagged: number;
  readonly flags: Readonly<Record<string, number>>;
  readonly incidents: readonly OpenIncident[];
  /** The freeze of all refunds, while there is one. */
  readonly frozen?: { readonly by: string; readonly reason: string; readonly since: string } | undefined;
}

interface OpenIncident {
  readonly id: string;
  readonly scope: string;
  readonly status: string;
  readonly openedAt: string;
  /** As of its last digest. */
  readonly cases: number;
  readonly resolved: number;
  readonly held: number;
}

export async function statusCommand({ stage, json = false }: StatusOptions): Promise<void> {
  const status = await readStatus(await findDeployment(stage), Date.now());
  console.log(json ? JSON.stringify(status) : describeStatus(status));
}

export async function readStatus(deployment: Deployment, nowMs: Ms): Promise<Status> {
  const { aws, outputs } = deployment;
  const incidents = createIncidentStore({
    client: aws.dynamo,
    table: outputs.IncidentsTableName,
    ...systemRuntime,
    nowMs: () => nowMs,
  });
  const [counts, chargesProcessed, unfinished, [freeze]] = await Promise.all([
    countFlags(aws.dynamo, outputs.CasesTableName),
    incidents.chargesProcessedSince(nowMs - HOUR_MS, nowMs),
    incidents.unfinishedIncidents(),
    freezesOf(deployment).newestOrders([]),
  ]);
  const flags = Object.fromEntries(FLAG_STATUSES.map((status) => [status, counts.get(status) ?? 0]));
  const { newest } = chargesProcessed;
  return {
    at: iso(nowMs),
    chargesProcessedLastHour: chargesProcessed.charges,
    lagMs: newest?.lagMs,
    lastJudgedAt: newest && iso(newest.atMs),
    flagged: Object.values(flags).reduce((sum, count) => sum + count, 0),
    flags,
    incidents: unfinished.map(openIncident),
    frozen: frozenView(freeze),
  };
}

function openIncident({ id, scope, status, openedAtMs, totals }: Incident): OpenIncident {
  const { cases, resolved, held } = totals;
  return { id, scope: scopeKey(scope), status, openedAt: iso(openedAtMs), cases, resolved, held };
}

/** One screen; statuses without flags are left out. */
export function describeStatus(status: Status): string {
  const number = new Intl.NumberFormat('en');
  const { flags } = status;
  const rows: [string, string][] = [
    ['processed', `${number.format(status.chargesProcessedLastHour)} charges in the last hour`],
    ['lag', lagOf(status)],
    ['flagged', number.format(status.flagged)],
    ...FLAG_STATUSES.filter((name) => name === 'held' || name === 'refunded' || (flags[name] ?? 0) > 0).map(
      (name): [string, string] => [`  ${name}`, number.format(flags[name] ?? 0)],
    ),
    ['incidents', status.incidents.length === 0 ? 'none' : `${status.incidents.length} not closed`],
    ...status.incidents.map(({ scope, status: is, openedAt, cases, resolved, held }): [string, string] => [
      `  ${scope}`,
      `${is} since ${openedAt}: ${number.format(cases)} cases, ${number.format(resolved)} resolved, ${held} held`,
    ]),
  ];
  if (status.frozen !== undefined) {
    const { by, since, reason } = status.frozen;
    rows.push(['refunds', `frozen since ${since} by ${by}: ${reason}`]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function lagOf({ lagMs, lastJudgedAt, at }: Status): string {
  if (lagMs === undefined || lastJudgedAt === undefined) return 'unknown: nothing was judged in the last hour';
  const agoS = Math.max(0, Math.round((Date.parse(at) - Date.parse(lastJudgedAt)) / 1_000));
  return `${(lagMs / 1_000).toFixed(1)} s at the last batch, ${agoS} s ago`;
}
