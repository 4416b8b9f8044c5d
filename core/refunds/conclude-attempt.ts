import type { Ms } from '../brands.ts';
import type { Act, FlagChange } from '../cases/case.ts';
import { changeFlags } from '../cases/change-flag.ts';
import { type Flag, type FlagIn, hasRefunded } from '../cases/flag.ts';
import { dismiss, fail, findReversed, keep, markDiscrepancy, may, refund } from '../cases/flag-transitions.ts';
import { explainUnconfirmed, type Unconfirmed } from '../cases/unconfirmed.ts';
import type { Vote } from '../cases/vote.ts';
import type { ChargeView } from '../detection/charge-view.ts';
import { unpaidMsOf } from '../detection/charge-window.ts';
import type { DenialReason } from '../detection/claims.ts';
import { keep as keepCharge, recordClaim } from '../detection/record-transitions.ts';
import { attemptName } from '../detection/refund-reference.ts';
import { filedIn } from './attempt.ts';
import type { Budgets } from './budgets.ts';
import { changeRecord, type RecordsContext } from './change-record.ts';
import { denialFacts, explainDenial } from './denial.ts';
import { recheckSurplus } from './recheck-surplus.ts';
import type { FinalOutcome } from './refund-gateway.ts';

/** No claim, with what decided it as it was then. The write that decided it has put the denial into the record. */
export interface Denial {
  readonly kind: 'denied';
  readonly reason: DenialReason;
  readonly deciding: ChargeView;
  /** Why a granted claim was returned, where the processor's record is the reason. */
  readonly unconfirmed?: Unconfirmed | undefined;
}

/** An approver keeps the charge: enough votes have been given. */
export interface Keeping {
  readonly act: Act;
  readonly votesWith: (votes: readonly Vote[]) => readonly [Vote, ...Vote[]];
}

export interface ConcludeContext extends RecordsContext {
  readonly budgets: Pick<Budgets, 'releaseAllocation'>;
}

/**
 * Ends an attempt that has an answer, always in this order: the record, the budget, the flag, the recheck. Each step can
 * be the last before a crash, and running all of them again repairs it:
 * - The record decides. It gets the end first, in one conditional write, and only from the state that this attempt has
 *   left: a second run finds the end there and writes nothing. Only a refund overrides a failure: the processor of a
 *   second run may have accepted what it had refused.
 * - The budget's allocation is returned by the attempt's name, so that a second return finds none. A refund that was made keeps it.
 * - The flag follows the record, and only from the statuses in which this attempt has not ended yet. A refund that comes
 *   after another end marks it as unreconciled: operators are alerted, and no further attempt can be approved.
 * - The recheck reads records and windows anew, and raises what is not raised.
 * A crash before the flag leaves its status, so that the same step of the workflow runs again; a crash after it is why
 * the steps recheck a flag that they find ended.
 */
export async function concludeAttempt(
  flag: Flag,
  ending: Denial | FinalOutcome,
  context: ConcludeContext,
): Promise<void> {
  // The write that decided a denial has put it into the record.
  const isOutdated = ending.kind !== 'denied' && (await writeOutcome(flag, ending.kind, context)) === 'outdated';
  if (ending.kind !== 'refunded') await context.budgets.releaseAllocation(attemptName(flag));
  // This run is late: another has ended the attempt, and the flag follows that. No money moved under its name.
  if (ending.kind === 'denied' && ending.reason === 'attempt-over') return;
  const end = (now: Flag) => (isOutdated ? undefined : endOf(now, flag, ending, context));
  await followRecord(flag, end, ACTORS[ending.kind], context);
}

export type KeepConcluded =
  | { readonly kind: 'concluded'; readonly flag: Flag | undefined }
  /** A claim runs or money has moved: the charge cannot be kept. */
  | { readonly kind: 'too-late' };

/**
 * Ends an attempt because an approver keeps the charge, in the same order without the budget: the workflow that a keep
 * wakes returns the allocation (claim.ts).
 */
export async function concludeKeep(
  flag: Flag,
  { act, votesWith }: Keeping,
  context: RecordsContext,
): Promise<KeepConcluded> {
  if ((await writeKeep(flag, context)) === 'too-late') return { kind: 'too-late' };
  const keepNow = (now: Flag) =>
    may('keep', now) ? keep(now, votesWith(now.keeps), { ...act, atMs: context.nowMs() }) : undefined;
  return { kind: 'concluded', flag: await followRecord(flag, keepNow, act.actor, context) };
}

/** The flag, then the recheck. Returns the flag as it is afterwards. */
async function followRecord(
  flag: Flag,
  end: (now: Flag) => FlagChange | undefined,
  actor: string,
  context: RecordsContext,
): Promise<Flag | undefined> {
  const [after] = await changeFlags(
    [flag.id],
    ([now]) => {
      const change = now && end(now);
      return change === undefined ? [] : [change];
    },
    context,
  );
  await recheckSurplus(flag, actor, context);
  return after;
}

const ACTORS = {
  denied: 'system:claim',
  refunded: 'system:record',
  'reversed-externally': 'system:record',
  failed: 'system:record',
} as const;

/** `outdated`: the processor has reported since, by our reference, that the refund failed after it was done. */
async function writeOutcome(
  { id, attempt }: Flag,
  state: FinalOutcome['kind'],
  context: RecordsContext,
): Promise<'noted' | 'outdated'> {
  return changeRecord<'noted' | 'outdated'>(
    id,
    (record) => {
      const known = record?.ours;
      if (record === undefined || known?.attempt !== attempt) return { answer: 'noted' };
      const isPaidAfterAll = known.state === 'failed' && state === 'refunded';
      if (isPaidAfterAll && known.reported !== undefined) return { answer: 'outdated' };
      if (known.state !== 'claimed' && !isPaidAfterAll) return { answer: 'noted' };
      const { refundMinor, atMs, restsOn, onTotal } = known;
      const ours = { attempt, state, refundMinor, atMs, restsOn, ...(onTotal && { onTotal }) };
      return { answer: 'noted', record: recordClaim(record, ours, context.nowMs()) };
    },
    context,
  );
}

/**
 * Writes the keep with the latest unpaid closing of any window of the charge. A closing that comes after that read is one
 * the approver has not seen: it opens the charge again.
 */
async function writeKeep(flag: Flag, context: RecordsContext): Promise<'written' | 'too-late'> {
  const filed = await filedIn(flag, context);
  const fingerprints = filed.map(({ fingerprint }) => fingerprint);
  const found = await context.windows.readWindows(fingerprints, context.nowMs());
  const closings = found.flatMap(({ window }) => (window && unpaidMsOf(window)) ?? []);
  const unpaidMs = closings.length === 0 ? undefined : Math.max(...closings);
  return changeRecord<'written' | 'too-late'>(
    flag.id,
    (record) => {
      if (record === undefined) return { answer: 'written' };
      const step = keepCharge(record, { unpaidMs, nowMs: context.nowMs() });
      return { answer: step.outcome === 'kept' ? 'written' : 'too-late', record: step.record };
    },
    context,
  );
}

/** Returns the flag's change; undefined where this attempt has ended already. */
function endOf(
  now: Flag,
  flag: Flag,
  ending: Denial | FinalOutcome,
  { nowMs }: Pick<RecordsContext, 'nowMs'>,
): FlagChange | undefined {
  if (ending.kind === 'refunded' && !awaitsOutcome(now, flag)) return contradict(now, flag, ending, nowMs());
  if (now.attempt !== flag.attempt) return undefined;
  const act = (reason: string) => ({ actor: ACTORS[ending.kind], atMs: nowMs(), reason });
  if (ending.kind === 'denied') {
    if (!may('dismiss', now)) return undefined;
    const { unconfirmed } = ending;
    const denialText = unconfirmed
      ? `the claim was returned: ${explainUnconfirmed(unconfirmed)}`
      : explainDenial(ending.reason, denialFacts(ending.deciding, flag));
    return dismiss(now, { denial: ending.reason, denialText }, act(`no refund: ${denialText}`));
  }
  if (now.status !== 'refunding') return undefined;
  switch (ending.kind) {
    case 'refunded':
      return refund(now, ending, act(`refunded by the processor as ${ending.processorReference}`));
    case 'reversed-externally':
      return findReversed(now, act('others had returned the money already'));
    case 'failed':
      return fail(now, { failure: ending.reason }, act(`the processor refused for good: ${ending.reason}`));
  }
}

function awaitsOutcome(now: Flag, { attempt }: Flag): now is FlagIn<'refunding'> {
  return now.attempt === attempt && now.status === 'refunding';
}

/** Money moved under an attempt that had ended otherwise for us. Nothing where the flag has this refund. */
function contradict(
  now: Flag,
  { id, attempt }: Flag,
  { processorReference }: Extract<FinalOutcome, { kind: 'refunded' }>,
  atMs: Ms,
): FlagChange | undefined {
  if (hasRefunded(now) && now.attempt === attempt) return undefined;
  const name = attemptName({ id, attempt });
  const detail = `the processor refunded ${name} as ${processorReference}; for us that attempt had ended without a refund`;
  if (now.discrepancy?.detail === detail) return undefined;
  const reason = `contradicted: ${detail}`;
  return markDiscrepancy(now, { what: 'not-known', detail, foundAtMs: atMs }, { actor: ACTORS.refunded, atMs, reason });
}
