import type { CaseId, FlagId, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { type CaseContext, changeFlags } from '../cases/change-flag.ts';
import { isUnreconciled, type RefundedFlag } from '../cases/flag.ts';
import { resolveDiscrepancy } from '../cases/flag-transitions.ts';
import type { Vote } from '../cases/vote.ts';
import { EVIDENCE_MS } from '../detection/charge-record.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { flagIdOfReference } from '../detection/refund-reference.ts';
import { pages } from '../pages.ts';
import type { ListedRefund } from './listed-refund.ts';
import { type Difference, flagIdNamedBy, type Marked, type Reported, unknownIn } from './mark-reported.ts';
import { ReconcileTable, type TableRow } from './reconcile-table.ts';

export interface ReconcileContext {
  readonly cases: Pick<CaseStore, 'readFlags' | 'flagsByStatus'>;
  readonly digests: Pick<PlainDigests, 'hash128'>;
  /** Compares one flag with what is listed for it, and marks what differs or only foresees it. */
  readonly mark: (reported: Reported) => Promise<Marked>;
}

/** What the list speaks for: these sources, from one time until before the other. */
export interface Scope {
  readonly sources: ReadonlySet<string>;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export interface Reconciled {
  readonly rows: readonly TableRow[];
  readonly differences: readonly Difference[];
  /** Discrepancies of earlier lists that this one resolves. */
  readonly resolved: number;
}

/** Flags read in one request; half of what a transaction of the store holds. */
const GROUP = 100;
const PAGE = 100;

/**
 * Compares our refunds with a processor's refund report, and marks each that differs on its flag. The same list again finds the
 * marks and changes nothing; one that has what was missing resolves them.
 *
 * @param listed all of it: what it lacks of the scope is taken for not refunded.
 */
export async function reconcile(
  listed: readonly ListedRefund[],
  scope: Scope,
  context: ReconcileContext,
): Promise<Reconciled> {
  const table = new ReconcileTable();
  const differences: Difference[] = [];
  let resolved = 0;
  const note = async (reported: Reported) => {
    const marked = await context.mark(reported);
    if (marked.difference !== undefined) differences.push(marked.difference);
    if (marked.resolved) resolved++;
  };

  const groups = Map.groupBy(listed, (refund) => flagIdNamedBy(refund, context));
  const ids = [...groups.keys()];
  for (let at = 0; at < ids.length; at += GROUP) {
    const some = ids.slice(at, at + GROUP);
    const flags = await context.cases.readFlags(some);
    for (const [index, id] of some.entries()) {
      const refunds = groups.get(id) ?? [];
      const flag = flags[index];
      table.addListed(refunds, flag);
      if (flag !== undefined) await note({ flagId: id, refunds });
      else for (const reported of unknownIn(refunds, context)) await note(reported);
    }
  }
  for await (const flag of refundedIn(scope, context)) {
    const isListed = groups.get(flag.id)?.some(({ reference }) => isReferenceTo(flag.id, reference)) ?? false;
    if (isListed) continue;
    const [earliestMs, latestMs] = spanOf(flag);
    if (latestMs < scope.fromMs || earliestMs >= scope.toMs) continue;
    // Where the span crosses the range's border, the refund may be in the list before or after this one.
    const isInside = earliestMs >= scope.fromMs && latestMs < scope.toMs;
    table.addUnlisted(flag, isInside);
    if (isInside) await note({ flagId: flag.id, refunds: [] });
  }
  return { rows: table.rows(), differences, resolved };
}

export type Explained =
  /** On record with this operator and this reason, now or since an earlier try. */
  | { readonly kind: 'explained' }
  /** Another explanation was first. It is on record, and this one is not. */
  | { readonly kind: 'already-explained'; readonly explained: Vote; readonly caseId: CaseId }
  /** No list has found a discrepancy, or a later list has settled it. */
  | { readonly kind: 'nothing-to-explain' }
  | { readonly kind: 'unknown-flag' };

/**
 * Records what an operator says that a discrepancy was. The same discrepancy, found again, stays resolved. The answer is
 * read from the stored flag, so that of several operators each one learns whose explanation is on record. Asking again
 * gives the same answer.
 */
export async function explainDiscrepancy(
  { flagId, by, reason }: { readonly flagId: FlagId; readonly by: string; readonly reason: string },
  context: CaseContext,
): Promise<Explained> {
  const [flag] = await changeFlags(
    [flagId],
    ([now]) => {
      if (now?.discrepancy === undefined || !isUnreconciled(now)) return [];
      const atMs = context.nowMs();
      const discrepancy = { ...now.discrepancy, resolved: true, explained: { by, atMs, reason } } as const;
      return [resolveDiscrepancy(now, discrepancy, { actor: by, atMs, reason: `discrepancy explained: ${reason}` })];
    },
    context,
  );
  if (flag === undefined) return { kind: 'unknown-flag' };
  const explained = flag.discrepancy?.explained;
  if (explained === undefined) return { kind: 'nothing-to-explain' };
  if (explained.by === by && explained.reason === reason) return { kind: 'explained' };
  return { kind: 'already-explained', explained, caseId: flag.caseId };
}

function isReferenceTo(flagId: FlagId, reference: string | undefined): boolean {
  return reference !== undefined && flagIdOfReference(reference) === flagId;
}

/** The processor moved the money between our claim and its answer. */
function spanOf({ claimedAtMs, refundedAtMs, openedAtMs }: RefundedFlag): readonly [Ms, Ms] {
  return [claimedAtMs === 'unknown' ? openedAtMs : claimedAtMs, refundedAtMs];
}

/**
 * Our refunds that the list may speak for. Flags are listed by when they were opened; a refund follows within the time
 * that windows are remembered, since without a window nothing is granted.
 */
async function* refundedIn(
  { sources, fromMs, toMs }: Scope,
  { cases }: ReconcileContext,
): AsyncGenerator<RefundedFlag> {
  for (const status of ['refunded', 'refunded-in-error'] as const) {
    const opened = { fromMs: fromMs - EVIDENCE_MS, toMs };
    const found = pages((place) => cases.flagsByStatus(status, { limit: PAGE, ...opened, ...place }));
    for await (const { items } of found) yield* items.filter(({ charge }) => sources.has(charge.source));
  }
}
