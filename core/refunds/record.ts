import type { FlagChange } from '../cases/case.ts';
import { changeFlags } from '../cases/change-flag.ts';
import type { FlagIn } from '../cases/flag.ts';
import { fail, findUndone, refund } from '../cases/flag-transitions.ts';
import { type Claim, entryOf } from '../detection/charge-window.ts';
import { attemptName } from '../detection/refund-reference.ts';
import { changeWindows, writeClaim } from './change-windows.ts';
import { lookAgain } from './conclude-attempt.ts';
import { type Attempt, flagOf, type RefundContext } from './refund-context.ts';
import type { SettledOutcome } from './undo.ts';

const ACTOR = 'system:record';

/**
 * Settles a claim: the outcome goes to all windows in one transaction, then to the flag. Acts only on its own claim, so
 * that running it again changes nothing.
 */
export async function record(
  { flagId, attempt, outcome }: Attempt & { readonly outcome: SettledOutcome },
  context: RefundContext,
): Promise<void> {
  const flag = await flagOf({ flagId, attempt }, context);
  if (flag === undefined) return;
  const state = stateOf(outcome);
  await changeWindows<void>(
    flag,
    (deciding) => {
      const known = entryOf(deciding, flag.charge)?.ours;
      if (known?.attempt !== attempt || known.state !== 'claimed') return { answer: undefined };
      const refundMinor = known.refundMinor === undefined ? {} : { refundMinor: known.refundMinor };
      return { answer: undefined, write: writeClaim(flag, { attempt, state, ...refundMinor }, context.nowMs()) };
    },
    context,
  );
  if (state !== 'refunded') await context.controls.giveBack(attemptName(flag));
  await changeFlags(
    [flagId],
    ([now]) => {
      if (now?.status !== 'refunding' || now.attempt !== attempt) return [];
      return [outcomeOn(now, outcome, context.nowMs())];
    },
    context,
  );
  // Also after a refund: what others of the cluster waited for may be nothing to decide any more.
  await lookAgain(flag, ACTOR, context);
}

function stateOf({ kind }: SettledOutcome): Claim['state'] {
  return kind === 'already-undone' ? 'undone' : kind;
}

function outcomeOn(flag: FlagIn<'refunding'>, outcome: SettledOutcome, atMs: number): FlagChange {
  const act = { actor: ACTOR, atMs, reason: reasonOf(outcome) };
  switch (outcome.kind) {
    case 'refunded':
      return refund(flag, outcome, act);
    case 'already-undone':
      return findUndone(flag, act);
    case 'failed':
      return fail(flag, { failure: outcome.why }, act);
  }
}

function reasonOf(outcome: SettledOutcome): string {
  switch (outcome.kind) {
    case 'refunded':
      return `refunded by the processor as ${outcome.processorReference}`;
    case 'already-undone':
      return 'others had given the money back already';
    case 'failed':
      return `the processor refused for good: ${outcome.why}`;
  }
}
