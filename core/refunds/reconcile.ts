import { asCaseId, asFlagId, type CaseId, type FlagId, type Ms } from '../brands.ts';
import type { FlagChange } from '../cases/case.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { type CaseContext, changeFlags, commitFlagChanges, type FlagsChanged } from '../cases/change-flag.ts';
import { deadlineOf, type Scheme } from '../cases/deadline.ts';
import { type Flag, hasRefunded, isUnreconciled, type RefundedFlag } from '../cases/flag.ts';
import { markDiscrepancy, resolveDiscrepancy } from '../cases/flag-transitions.ts';
import type { Vote } from '../cases/vote.ts';
import { EVIDENCE_MS } from '../detection/charge-record.ts';
import { flagIdOf, type PlainDigests } from '../detection/fingerprint.ts';
import { flagIdOfReference } from '../detection/refund-reference.ts';
import { formatMoney } from '../events/format-money.ts';
import { bug } from '../fault.ts';
import { pages } from '../pages.ts';
import { type Found, judgeListed, type ListedRefund } from './listed-refund.ts';
import { ReconcileTable, type TableRow } from './reconcile-table.ts';

export interface ReconcileContext extends CaseContext {
  readonly cases: CaseContext['cases'] & Pick<CaseStore, 'flagsByStatus'>;
  readonly digests: PlainDigests;
  readonly schemeOf: (source: string) => Scheme;
  /** Who reconciles, for the audit. */
  readonly by: string;
  /** Only looks: nothing is written. */
  readonly dryRun: boolean;
}

/** What the list speaks for: these sources, from one time until before the other. */
export interface Scope {
  readonly sources: ReadonlySet<string>;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export interface Difference extends Found {
  readonly flagId: FlagId;
  readonly caseId: CaseId;
  readonly source: string;
  readonly chargeId: string;
  /** Its case has known it since an earlier list. */
  readonly known: boolean;
}

export interface Reconciled {
  readonly rows: readonly TableRow[];
  readonly differences: readonly Difference[];
  /** Discrepancies of earlier lists that this one resolves. */
  readonly resolved: number;
}

/** What a flag's record and the list of its refunds have to say to each other. */
type Decide = (flag: Flag | undefined) => { readonly found?: Found; readonly agrees?: boolean };

/** Flags read in one request; half of what a transaction of the store holds. */
const GROUP = 100;
const PAGE = 100;

/**
 * Compares our refunds with a processor's refund report, and marks each that differs on its flag: audited, and with it the case is
 * unresolved and says so. A refund in our name that no flag knows becomes a flag and a case of its own. The same list
 * again finds the marks and changes nothing; one that has what was missing resolves them.
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
  const note = async (flagId: FlagId, decide: Decide, make?: () => Flag) => {
    const marked = await mark(flagId, decide, { context, make });
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
      if (flag !== undefined) await note(id, (now) => decideOn(now, refunds));
      else for (const refund of refunds) await noteUnknown(refund, { note, context });
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
    if (isInside) await note(flag.id, notListed);
  }
  return { rows: table.rows(), differences, resolved };
}

function decideOn(flag: Flag | undefined, refunds: readonly ListedRefund[]): ReturnType<Decide> {
  const judged = flag && judgeListed(flag, refunds);
  if (judged?.kind === 'unreconciled') return { found: { what: judged.what, detail: judged.detail } };
  return { agrees: judged?.kind === 'agrees' };
}

function notListed(flag: Flag | undefined): ReturnType<Decide> {
  if (flag === undefined || !hasRefunded(flag)) return {};
  const { refundMinor, charge, processorReference } = flag;
  const refunded = formatMoney(refundMinor, charge);
  const detail = `we refunded ${refunded} as ${processorReference}; the processor does not list it`;
  return { found: { what: 'not-listed', detail } };
}

/** A refund that bears our name, of which no flag knows. What bears none is others' business. */
async function noteUnknown(
  refund: ListedRefund,
  {
    note,
    context,
  }: {
    readonly note: (flagId: FlagId, decide: Decide, make: () => Flag) => Promise<void>;
    readonly context: ReconcileContext;
  },
): Promise<void> {
  const { source, chargeId, reference } = refund;
  if (reference === undefined || flagIdOfReference(reference) === undefined) return;
  // Apart from the flag that the charge may get from a detector one day.
  const id = asFlagId(context.digests.hash128(`unknown refund\n${source}\n${chargeId}\n${reference}`));
  const found: Found = { what: 'not-known', detail: `${reference} is listed; we know of no such refund` };
  await note(
    id,
    () => ({ found }),
    () => unknownRefund(id, refund, context),
  );
}

/** Money went back that we know nothing of: the flag says so by its status, and can lead to no refund. */
function unknownRefund(id: FlagId, refund: ListedRefund, { schemeOf, by, nowMs }: ReconcileContext): Flag {
  const { source, chargeId, merchant = 'unknown', amountMinor, currency, timeMs } = refund;
  const scheme = schemeOf(source);
  const atMs = nowMs();
  return {
    id,
    caseId: asCaseId(id),
    version: 1,
    status: 'reversed-externally',
    learnedFrom: 'list',
    attempt: 0,
    timeMs,
    charge: { source, chargeId, merchant, amountMinor, currency },
    original: { source, chargeId },
    detector: 'reconcile',
    decidedBy: 'reconcile',
    action: 'monitor',
    configuration: 'none',
    windows: [],
    stale: false,
    scheme: scheme.id,
    reasonCode: scheme.reason,
    deadlineAtMs: deadlineOf(timeMs, scheme),
    raisedBy: by,
    openedAtMs: atMs,
    updatedAtMs: atMs,
    approvals: [],
    keeps: [],
    ...(refund.refundId !== undefined && { processorReference: refund.refundId }),
  };
}

interface Marked {
  readonly difference?: Difference;
  readonly resolved?: boolean;
}

/** Brings the flag's mark in line with what is decided on it. A mark that is so already stays as it is. */
async function mark(
  flagId: FlagId,
  decide: Decide,
  { context, make }: { readonly context: ReconcileContext; readonly make?: (() => Flag) | undefined },
): Promise<Marked> {
  const next: NextChanges = ([now]) => {
    const change = changeFor(now, { decided: decide(now), make }, context);
    return change === undefined ? [] : [change];
  };
  const { flags, committed } = await (context.dryRun ? foresee : commitFlagChanges)([flagId], next, context);
  const [flag] = flags;
  const written = committed.at(-1)?.after;
  if (written?.discrepancy?.resolved) return { resolved: true };
  if (written !== undefined) return { difference: differenceOn(written, false) };
  const isKnown = flag !== undefined && isUnreconciled(flag) && decide(flag).found !== undefined;
  return isKnown ? { difference: differenceOn(flag, true) } : {};
}

type NextChanges = (flags: readonly (Flag | undefined)[]) => readonly FlagChange[];

/** What a run would write that is not a dry one. */
async function foresee(ids: readonly FlagId[], next: NextChanges, { cases }: CaseContext): Promise<FlagsChanged> {
  const flags = await cases.readFlags(ids);
  return { flags, committed: next(flags) };
}

function changeFor(
  flag: Flag | undefined,
  {
    decided: { found, agrees = false },
    make,
  }: { readonly decided: ReturnType<Decide>; readonly make: (() => Flag) | undefined },
  { by, nowMs }: ReconcileContext,
): FlagChange | undefined {
  const atMs = nowMs();
  const known = flag?.discrepancy;
  if (found !== undefined) {
    if (known?.what === found.what && known.detail === found.detail) return undefined;
    const discrepancy = { ...found, foundAtMs: atMs };
    const act = { actor: by, atMs, reason: `reconcile: ${found.what}: ${found.detail}` };
    if (flag !== undefined) return markDiscrepancy(flag, discrepancy, act);
    return make && { before: undefined, after: { ...make(), discrepancy }, act };
  }
  if (flag === undefined || !agrees || known?.what !== 'not-listed' || known.resolved) return undefined;
  const act = { actor: by, atMs, reason: 'reconcile: the processor lists it now' };
  return resolveDiscrepancy(flag, { ...known, resolved: true }, act);
}

function differenceOn({ id, caseId, charge, discrepancy }: Flag, known: boolean): Difference {
  if (discrepancy === undefined) throw bug(`flag ${id} differs and does not say how`);
  const { what, detail } = discrepancy;
  return { what, detail, flagId: id, caseId, source: charge.source, chargeId: charge.chargeId, known };
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

function flagIdNamedBy(refund: ListedRefund, { digests }: ReconcileContext): FlagId {
  const named = refund.reference === undefined ? undefined : flagIdOfReference(refund.reference);
  return named ?? flagIdOf(refund, digests);
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
