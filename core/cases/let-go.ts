import { isUnclaimed } from '../detection/charge-record.ts';
import { type ChargeView, chargesOf, type ViewedCharge } from '../detection/charge-view.ts';
import { wouldBeDenied } from '../detection/claims.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import { approve, reopen } from './flag-transitions.ts';

/**
 * A flag that waits for an approver and whose charge is no longer surplus need not wait: its workflow goes on, the claim is
 * denied and dismisses it. Flags are read only for charges that a release, a dispute or a closing may have relieved.
 */
export async function letGo(views: readonly ChargeView[], actor: string, context: CaseContext): Promise<void> {
  for (const view of views) {
    const ids = relievedOf(view).map(({ entry }) => entry.id);
    if (ids.length === 0) continue;
    await changeFlags(
      ids,
      (flags) =>
        flags.flatMap((flag) => {
          if (flag?.detector !== view.window.detector) return [];
          const act = { actor, atMs: context.nowMs(), reason: 'no longer surplus: the claim will say so' };
          if (flag.status === 'held') return [approve(flag, {}, act)];
          if (flag.status !== 'expired' && flag.status !== 'failed') return [];
          // Should the surplus come back before the claim, an approver decides again: the flag was an approver's.
          const { detector, configuration } = flag;
          const action = flag.action === 'monitor' ? flag.action : 'review';
          return [reopen(flag, { rule: { detector, configuration, action }, raisedBy: actor }, act)];
        }),
      context,
    );
  }
}

/**
 * Charges that this window could have flagged, whose claim it would deny, and for which no claim runs or is done. Not just
 * those that it would not flag: of two standing charges of which one is surplus, either may be claimed. A total that rises
 * relieves no copy: what was flagged before goes on to wait for an approver.
 */
function relievedOf(view: ChargeView): readonly ViewedCharge[] {
  const { window } = view;
  return chargesOf(view)
    .filter(({ entry: { verdict } }) =>
      verdict.kind === 'duplicate'
        ? verdict.detector === window.detector
        : window.closed !== undefined || window.totals !== undefined,
    )
    .filter(({ record }) => isUnclaimed(record))
    .filter((charge) => wouldBeDenied(view, charge));
}
