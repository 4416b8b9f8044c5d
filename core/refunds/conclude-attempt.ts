import type { Act, FlagChange } from '../cases/case.ts';
import { changeFlags } from '../cases/change-flag.ts';
import type { Flag, Vote } from '../cases/flag.ts';
import { dismiss, fail, findReversed, keep, may, refund } from '../cases/flag-transitions.ts';
import { type ChargeWindow, entryOf } from '../detection/charge-window.ts';
import { type DenialReason, keep as keepCharge } from '../detection/claims.ts';
import { attemptName } from '../detection/refund-reference.ts';
import type { Budgets } from './budgets.ts';
import { capturedOf, changeWindows, type WindowsContext, writeClaim } from './change-windows.ts';
import { denialFacts, explainDenial } from './denial.ts';
import { recheckSurplus } from './recheck-surplus.ts';
import type { FinalOutcome } from './refund-gateway.ts';

/** No claim, with the deciding window as it was then. The write that decided it has put the denial into the windows. */
export interface Denial {
  readonly kind: 'denied';
  readonly reason: DenialReason;
  readonly deciding: ChargeWindow;
}

/** An approver keeps the charge: enough votes have been given. */
export interface Keeping {
  readonly act: Act;
  readonly votesWith: (votes: readonly Vote[]) => readonly [Vote, ...Vote[]];
}

export interface ConcludeContext extends WindowsContext {
  readonly budgets: Pick<Budgets, 'releaseReservation'>;
}

/**
 * Ends an attempt that has an answer, always in this order: the windows, the budget, the flag, the recheck. Each step can
 * be the last before a crash, and running all of them again repairs it:
 * - The windows decide. They get the end first, in one transaction, and only from the state that this attempt has left:
 *   a second run finds the end there and writes nothing.
 * - The reservation is returned by the attempt's name, so that a second return finds none. A refund that was made keeps it.
 * - The flag follows the windows, and only from the statuses in which this attempt has not ended yet.
 * - The recheck reads the windows anew, and raises what is not raised.
 * A crash before the flag leaves its status, so that the same step of the workflow runs again; a crash after it is why
 * the steps recheck a flag that they find ended.
 */
export async function concludeAttempt(
  flag: Flag,
  ending: Denial | FinalOutcome,
  context: ConcludeContext,
): Promise<void> {
  // The write that decided a denial has put it into the windows.
  if (ending.kind !== 'denied') await writeOutcome(flag, ending.kind, context);
  if (ending.kind !== 'refunded') await context.budgets.releaseReservation(attemptName(flag));
  // This run is late: another has ended the attempt, and the flag follows that. No money moved under its name.
  if (ending.kind === 'denied' && ending.reason === 'attempt-over') return;
  await followWindows(flag, (now) => endOf(now, flag, ending, context), ACTORS[ending.kind], context);
}

export type KeepConcluded =
  | { readonly kind: 'concluded'; readonly flag: Flag | undefined }
  /** A claim runs or money has moved: the charge cannot be kept. */
  | { readonly kind: 'too-late' };

/**
 * Ends an attempt because an approver keeps the charge, in the same order without the budget: the workflow that a keep
 * wakes returns the reservation (claim.ts).
 */
export async function concludeKeep(
  flag: Flag,
  { act, votesWith }: Keeping,
  context: WindowsContext,
): Promise<KeepConcluded> {
  if ((await writeKeep(flag, context)) === 'too-late') return { kind: 'too-late' };
  const keepNow = (now: Flag) =>
    may('keep', now) ? keep(now, votesWith(now.keeps), { ...act, atMs: context.nowMs() }) : undefined;
  return { kind: 'concluded', flag: await followWindows(flag, keepNow, act.actor, context) };
}

/** The flag, then the recheck. Returns the flag as it is afterwards. */
async function followWindows(
  flag: Flag,
  end: (now: Flag) => FlagChange | undefined,
  actor: string,
  context: WindowsContext,
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

async function writeOutcome(flag: Flag, state: FinalOutcome['kind'], context: WindowsContext): Promise<void> {
  const { attempt } = flag;
  await changeWindows<undefined>(
    flag,
    (deciding) => {
      const known = entryOf(deciding, flag.charge)?.ours;
      if (known?.attempt !== attempt || known.state !== 'claimed') return { answer: undefined };
      const ours = { attempt, state, refundMinor: known.refundMinor, atMs: known.atMs, restsOn: known.restsOn };
      return { answer: undefined, write: writeClaim(flag, ours, context.nowMs()) };
    },
    context,
  );
}

function writeKeep(flag: Flag, context: WindowsContext): Promise<'written' | 'too-late'> {
  const captured = capturedOf(flag);
  return changeWindows<'written' | 'too-late'>(
    flag,
    (deciding) => {
      const nowMs = context.nowMs();
      const { outcome } = keepCharge(deciding, { retainMs: 0, same: [] }, { captured, nowMs });
      if (outcome === 'too-late') return { answer: 'too-late' };
      return {
        answer: 'written',
        write: (at) => keepCharge(at.window, at.remembering, { captured, nowMs }).window,
      };
    },
    context,
  );
}

/** Returns the flag's change; undefined where this attempt has ended already. */
function endOf(
  now: Flag,
  flag: Flag,
  ending: Denial | FinalOutcome,
  { nowMs }: Pick<WindowsContext, 'nowMs'>,
): FlagChange | undefined {
  if (now.attempt !== flag.attempt) return undefined;
  const act = (reason: string) => ({ actor: ACTORS[ending.kind], atMs: nowMs(), reason });
  if (ending.kind === 'denied') {
    if (!may('dismiss', now)) return undefined;
    const denialText = explainDenial(ending.reason, denialFacts(ending.deciding, flag));
    return dismiss(now, { denial: ending.reason, denialText }, act(`no refund: ${denialText}`));
  }
  if (now.status !== 'refunding') return undefined;
  switch (ending.kind) {
    case 'refunded':
      return refund(now, ending, act(`refunded by the processor as ${ending.processorReference}`));
    case 'reversed-externally':
      return findReversed(now, act('others had given the money back already'));
    case 'failed':
      return fail(now, { failure: ending.reason }, act(`the processor refused for good: ${ending.reason}`));
  }
}
