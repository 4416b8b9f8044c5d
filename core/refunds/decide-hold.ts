import { changed } from '../cases/case.ts';
import { changeFlags } from '../cases/change-flag.ts';
import { type Flag, NEXT_STATUSES } from '../cases/flag.ts';
import { keep as keepCharge } from '../detection/claims.ts';
import { isApproved } from './policy.ts';
import { capturedOf, changeWindows, lookAgain, type WindowsContext } from './refund-context.ts';

export interface Decision {
  readonly flagId: string;
  /** The subject of the person's token. */
  readonly by: string;
  readonly reason: string;
}

export type DecisionOutcome =
  | { readonly kind: 'done'; readonly flag: Flag }
  /** Another person must approve too. */
  | { readonly kind: 'needs-another'; readonly flag: Flag }
  | { readonly kind: 'refused'; readonly why: 'unknown-flag' | 'not-held' | 'too-late' };

/**
 * A person approves the refund of a held flag. Above a limit it takes two different people; nobody counts twice. Asking
 * again gives the same answer.
 */
export async function approve({ flagId, by, reason }: Decision, context: WindowsContext): Promise<DecisionOutcome> {
  const [flag] = await changeFlags(
    [flagId],
    ([held]) => {
      if (held?.status !== 'held') return [];
      // Who has approved counts once; a repeated hold may have undone the status, not the approvals.
      const isNew = !hasApproved(held, by);
      if (!isNew && !isApproved(held, context.configuration)) return [];
      const act = { actor: by, atMs: context.nowMs(), reason };
      const approvals = [...(held.approvals ?? []), ...(isNew ? [{ by, atMs: act.atMs, reason }] : [])];
      const status = isApproved({ ...held, approvals }, context.configuration) ? 'approved' : 'held';
      return [changed(held, { status, approvals }, act)];
    },
    context,
  );
  if (flag === undefined) return { kind: 'refused', why: 'unknown-flag' };
  if (!hasApproved(flag, by)) return { kind: 'refused', why: 'not-held' };
  return { kind: flag.status === 'held' ? 'needs-another' : 'done', flag };
}

/**
 * A person says that the charge is meant: from then on it is neither standing nor surplus. The windows are written
 * before the flag, and looked at once more after it: an order that was closed unpaid meanwhile opens the flag again.
 */
export async function keep({ flagId, by, reason }: Decision, context: WindowsContext): Promise<DecisionOutcome> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) return { kind: 'refused', why: 'unknown-flag' };
  if (flag.status === 'kept') {
    // Asked again: perhaps because the first time ended before the look that must follow.
    await lookAgain(flag, by, context);
    return { kind: 'done', flag };
  }
  const captured = capturedOf(flag);
  const kept = await changeWindows<'kept' | 'too-late'>(
    flag,
    (deciding) => {
      const nowMs = context.nowMs();
      const { outcome } = keepCharge(deciding, { retainMs: 0, same: [] }, { captured, nowMs });
      if (outcome === 'too-late') return { answer: outcome };
      return {
        answer: outcome,
        write: (place) => keepCharge(place.window, place.remembering, { captured, nowMs }).window,
      };
    },
    context,
  );
  if (kept === 'too-late') return { kind: 'refused', why: 'too-late' };
  const [after] = await changeFlags(
    [flagId],
    ([now]) => {
      if (now === undefined || !NEXT_STATUSES[now.status].includes('kept')) return [];
      return [changed(now, { status: 'kept' }, { actor: by, atMs: context.nowMs(), reason })];
    },
    context,
  );
  await lookAgain(flag, by, context);
  return after?.status === 'kept' ? { kind: 'done', flag: after } : { kind: 'refused', why: 'too-late' };
}

function hasApproved(flag: Flag, by: string): boolean {
  return flag.approvals?.some((approval) => approval.by === by) ?? false;
}
