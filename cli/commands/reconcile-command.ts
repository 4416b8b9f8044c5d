import type * as z from 'zod';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { checkFile } from '../../adapters/files/lines.ts';
import { readRefundFile, readRefundMap } from '../../adapters/files/refund-file.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { asCaseId, asFlagId, type Ms } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import { formatAmount } from '../../core/events/format-money.ts';
import { explainedSchema, reconciledSchema } from '../../core/queries/operator-views.ts';
import type { ListedRefund } from '../../core/refunds/listed-refund.ts';
import { type Difference, foreseeReported, type MarkContext, type Marked } from '../../core/refunds/mark-reported.ts';
import { type ReconcileContext, type Reconciled, reconcile, type Scope } from '../../core/refunds/reconcile.ts';
import type { Sum } from '../../core/refunds/reconcile-table.ts';
import { UserError } from '../../core/user-error.ts';
import { type ChangeOptions, openToChange } from '../open-to-change.ts';
import { type OperatorApi, operatorApi } from '../operator-api.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { readStageConfiguration } from '../stage-configuration.ts';
import { timeOption } from '../time-option.ts';

interface ReconcileOptions {
  readonly stage: string;
  readonly map?: string;
  readonly source?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

interface ExplainOptions extends ChangeOptions {
  readonly reason: string;
}

const EXIT_DIFFERENT = 2;
/** More lines than these no one reads. */
const LISTED_MAX = 50;
const NUMBER = new Intl.NumberFormat('en');

/** `onecharge reconcile FILE`: do we and the processor say the same of our refunds? */
export async function reconcileCommand(file: string, options: ReconcileOptions): Promise<number> {
  endOnSignals(signalCode);
  checkFile(file);
  const map = readRefundMap(options.map);
  const configuration = readStageConfiguration(options.stage);
  const progress = new Progress();
  const listed = await progress.step('list', async (note) => {
    const refunds = await readRefundFile(file, map, configuration);
    note(`${NUMBER.format(refunds.length)} refunds`);
    return refunds;
  });
  const scope = scopeOf(listed, options);
  const inScope = listed.filter(({ source, timeMs }) => scope.sources.has(source) && isWithin(timeMs, scope));
  const dryRun = options.dryRun === true;
  const { stage, yes = false } = options;
  const deployment = dryRun ? await findDeployment(stage) : await openToChange({ stage, yes });
  const context = { ...caseContext(deployment), schemeOf: configuration.schemeOf };
  const mark = dryRun ? foreseeing(context) : marking(context, operatorApi(deployment));
  const reconciled = await progress.step('compare', () => reconcile(inScope, scope, { ...context, mark }));
  for (const line of describeReconciled(reconciled, scope, dryRun)) console.log(line);
  return reconciled.differences.length > 0 ? EXIT_DIFFERENT : 0;
}

/** Nothing that is only foreseen has an operator. */
const FORESEEN_BY = 'system:dry-run';

function foreseeing(context: Omit<MarkContext, 'by'>): ReconcileContext['mark'] {
  return (reported) => foreseeReported(reported, { ...context, by: FORESEEN_BY });
}

/** Compares here, with the rights of the caller, and lets the API write what changes: it compares again. */
function marking(context: Omit<MarkContext, 'by'>, api: OperatorApi): ReconcileContext['mark'] {
  const foresee = foreseeing(context);
  return async (reported) => {
    const foreseen = await foresee(reported);
    if (!foreseen.isChange) return foreseen;
    const refunds = reported.refunds.map(({ timeMs, ...refund }) => ({ ...refund, time: iso(timeMs) }));
    const marked = await api.post(`/flags/${reported.flagId}/reconcile`, { refunds }, reconciledSchema);
    return { ...differenceOf(marked), resolved: marked.resolved, isChange: true };
  };
}

function differenceOf({ difference }: z.output<typeof reconciledSchema>): Pick<Marked, 'difference'> {
  if (difference === undefined) return {};
  const { flagId, caseId } = difference;
  return { difference: { ...difference, flagId: asFlagId(flagId), caseId: asCaseId(caseId) } };
}

/** `onecharge explain FLAG`: an operator states what a difference was, and its case waits for it no longer. */
export async function explainCommand(flag: string, { stage, yes, reason }: ExplainOptions): Promise<void> {
  if (!/^[0-9a-f]{32}$/.test(flag)) throw new UserError(`There is no flag ${flag}`);
  const { aws, outputs, operator } = await openToChange({ stage, yes });
  const answer = await operatorApi({ aws, outputs }).post(`/flags/${flag}/explain`, { reason }, explainedSchema);
  console.log(describeExplained(answer, operator));
}

export function describeExplained({ kind, first }: z.output<typeof explainedSchema>, operator: string): string {
  if (first !== undefined) {
    return [
      `${first.by} had explained this discrepancy at ${first.at}: ${first.reason}`,
      `Your reason is not on record. To add it, comment on case ${first.caseId} in the console.`,
    ].join('\n');
  }
  return kind === 'explained' ? `Explained, on record by ${operator}.` : 'There was nothing to explain.';
}

function caseContext({ aws, outputs }: Deployment) {
  return {
    ...systemRuntime,
    cases: createCaseStore({ client: aws.dynamo, table: outputs.CasesTableName }),
    // No window is looked up here, and all else is hashed without a key.
    digests: plainDigests,
  };
}

/** Without a range the list speaks for the time from its first refund to its last, and without sources for those it names. */
export function scopeOf(
  listed: readonly ListedRefund[],
  { source, from, to }: Pick<ReconcileOptions, 'source' | 'from' | 'to'>,
): Scope {
  const times = listed.map(({ timeMs }) => timeMs);
  const earliestMs = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const latestMs = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scope = {
    sources: new Set(source ?? listed.map((refund) => refund.source)),
    fromMs: from === undefined ? earliestMs : timeOption('--from', from),
    toMs: to === undefined ? latestMs + 1 : timeOption('--to', to),
  };
  if (scope.sources.size === 0 || !Number.isFinite(scope.fromMs) || !Number.isFinite(scope.toMs)) {
    throw new UserError('The list is empty: say what it speaks for with --source, --from and --to');
  }
  if (scope.fromMs >= scope.toMs) throw new UserError('--from must be before --to');
  return scope;
}

function isWithin(timeMs: Ms, { fromMs, toMs }: Scope): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

export function describeReconciled({ rows, differences, resolved }: Reconciled, scope: Scope, dryRun: boolean) {
  const head = ['source', 'currency', 'ours', '', 'listed', '', 'by others', '', 'at the border', ''];
  const cells = rows.map(({ source, currency, ours, listed, byOthers, atBorder }) => [
    source,
    currency,
    ...[ours, listed, byOthers, atBorder].flatMap((sum) => sumCells(sum, currency)),
  ]);
  const [from, to] = [scope.fromMs, scope.toMs].map((ms) => iso(ms));
  return [
    `From ${from} until before ${to}:`,
    ...aligned([head, ...cells]),
    ...differences.slice(0, LISTED_MAX).map(describeDifference),
    ...(differences.length > LISTED_MAX ? [`… and ${NUMBER.format(differences.length - LISTED_MAX)} more`] : []),
    ...(resolved > 0 ? [`${NUMBER.format(resolved)} that were missing are listed now: resolved.`] : []),
    summaryOf(differences, dryRun),
  ];
}

function summaryOf(differences: readonly Difference[], dryRun: boolean): string {
  if (differences.length === 0) return 'Every difference is explained.';
  const fresh = differences.filter(({ known }) => !known).length;
  const counted = `${NUMBER.format(differences.length)} ${differences.length === 1 ? 'difference' : 'differences'}`;
  return `${counted}, ${NUMBER.format(fresh)} new${dryRun ? '; nothing was written (--dry-run)' : ''}.`;
}

function describeDifference({ what, detail, source, chargeId, flagId, caseId, known }: Difference): string {
  return `${what}: ${chargeId} (${source}): ${detail}. Flag ${flagId}, case ${caseId}${known ? ', known' : ''}`;
}

function sumCells({ count, valueMinor }: Sum, currency: string): readonly string[] {
  return [NUMBER.format(count), formatAmount(valueMinor, { currency })];
}

/** Names to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (so, row) => row.map((cell, at) => Math.max(so[at] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
