import { capturedMinorOf } from '../detection/charge-amounts.ts';
import { isUnclaimed } from '../detection/charge-record.ts';
import { type ChargeView, chargesOf } from '../detection/charge-view.ts';
import { type CaseContext, changeFlags } from './change-flag.ts';
import { changeAmount, isBeforeClaim } from './flag-transitions.ts';

/** The flags of charges that were adjusted follow what is captured now. What a claim was granted for stays as it was. */
export async function followAmounts(views: readonly ChargeView[], actor: string, context: CaseContext): Promise<void> {
  const adjusted = views
    .flatMap(chargesOf)
    .filter(({ record }) => record.adjustments !== undefined && isUnclaimed(record));
  const amounts = new Map(adjusted.map(({ record }) => [record.id, capturedMinorOf(record)]));
  for (const [id, amountMinor] of amounts) {
    await changeFlags(
      [id],
      ([flag]) => {
        if (flag === undefined || flag.charge.amountMinor === amountMinor) return [];
        if (!isBeforeClaim(flag)) return [];
        return [
          changeAmount(flag, amountMinor, { actor, atMs: context.nowMs(), reason: 'another amount is captured' }),
        ];
      },
      context,
    );
  }
}
