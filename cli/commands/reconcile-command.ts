import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { checkFile } from '../../adapters/files/lines.ts';
import { readRefundFile, readRefundMap } from '../../adapters/files/refund-file.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { asFlagId, type Ms } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import { formatAmount } from '../../core/events/format-money.ts';
import type { ListedRefund } from '../../core/refunds/listed-refund.ts';
import {
  type Difference,
  type Explained,
  explainDiscrepancy,
  type Reconciled,
  reconcile,
  type Scope,
} from '../../core/refunds/reconcile.ts';
import type { Sum } from '../../core/refunds/reconcile-table.ts';
import { UserError } from '../../core/user-error.ts';
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
  readonly by: string;
  readonly dryRun?: boolean;
}

interface ExplainOptions {
  readonly stage: string;
  readonly by: string;
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
  const deployment = await findDeployment(options.stage);
  const { schemeOf } = configuration;
  const context = { ...caseContext(deployment), schemeOf, by: options.by, dryRun: options.dryRun === true };
  const reconciled = await progress.step('compare', () => reconcile(inScope, scope, context));
  for (const line of describeReconciled(reconciled, scope, context.dryRun)) console.log(line);
  return reconciled.differences.length > 0 ? EXIT_DIFFERENT : 0;
}

/** `onecharge explain FLAG`: a person says what a difference was, and its case need not wait for it any more. */
export async function explainCommand(flag: string, { stage, by, reason }: ExplainOptions): Promise<void> {
  const deployment = await findDeployment(stage);
  const flagId = asFlagId(flag);
  const outcome = await explainDiscrepancy({ flagId, by, reason }, caseContext(deployment));
  if (outcome.kind === 'unknown-flag') throw new UserError(`There is no flag ${flagId}`);
  console.log(describeExplained(outcome, by));
}

export function describeExplained(outcome: Exclude<Explained, { kind: 'unknown-flag' }>, by: string): string {
  switch (outcome.kind) {
    case 'explained':
      return `Explained, on record by ${by}.`;
    case 'already-explained': {
      const { explained, caseId } = outcome;
      const at = iso(explained.atMs);
      return [
        `${explained.by} had explained this discrepancy at ${at}: ${explained.reason}`,
        `Your reason is not on record. To add it, comment on case ${caseId} in the console.`,
      ].join('\n');
    }
    case 'nothing-to-explain':
      return 'There was nothing to explain.';
  }
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
