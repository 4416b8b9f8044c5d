import { type ChargeView, chargesOf, type ViewedCharge } from '../detection/charge-view.ts';
import { rootOf } from '../detection/charge-window.ts';
import { type Balance, balancesOf, isProvedByTotal } from '../detection/order-total.ts';
import { attests, type SourceCatalog } from '../events/source.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import type { Flag, FlagIn } from './flag.ts';
import { approve } from './flag-transitions.ts';

interface JudgeAgainContext extends CaseContext {
  readonly configuration: SourceCatalog;
}

/**
 * Lets a refund be judged again that waits for `may-split` alone, where the order's totals prove it by now. Its workflow
 * goes on and finds no reason left, or others. An approver's vote stays as it is, and so does a flag that has expired. The
 * wait keeps the balance on which it was judged, so that a repetition changes nothing.
 */
export async function judgeAgain(
  views: readonly ChargeView[],
  actor: string,
  context: JudgeAgainContext,
): Promise<void> {
  for (const view of views) {
    for (const balance of balancesOf(view)) {
      const proved = chargesOf(view).filter((charge) => isProved(charge, { view, balance }, context.configuration));
      if (proved.length === 0) continue;
      const act = { actor, atMs: context.nowMs(), reason: 'totals prove what waits for an approver: judged again' };
      await changeFlags(
        proved.map(({ entry }) => entry.id),
        (flags) =>
          flags.flatMap((flag) =>
            flag?.detector === view.window.detector && isWaiting(flag, balance) ? [approve(flag, {}, act)] : [],
          ),
        context,
      );
    }
  }
}

function isProved(
  { entry, record }: ViewedCharge,
  { view, balance }: { readonly view: ChargeView; readonly balance: Balance },
  { sourceOf }: SourceCatalog,
): boolean {
  const { charge } = record.capture;
  const { source } = view.records.get(rootOf(entry)) ?? record;
  const isAttested = [charge.source, source, balance.total.source].every((id) =>
    attests(sourceOf(id), 'totals', charge.merchant),
  );
  return isAttested && isProvedByTotal(view, entry.id, balance);
}

function isWaiting(flag: Flag, { total, paidMinor }: Balance): flag is FlagIn<'held'> {
  if (flag.status !== 'held' || flag.approvals.length > 0 || flag.keeps.length > 0) return false;
  const { waitsFor, facts } = flag.wait;
  if (waitsFor.length !== 1 || waitsFor[0] !== 'may-split') return false;
  const judged = facts?.['may-split']?.balance;
  const isSame = judged?.totalMinor === total.totalMinor && judged.paidMinor === paidMinor;
  return !isSame || judged.source !== total.source;
}
