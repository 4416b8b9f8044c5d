import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';

/**
 * Why a claim should not have been granted yet, by the design's words: what must wait for people waits before its claim,
 * and enough of them, each another, have approved. Only what never changes is asked for here: a flag's action may, while
 * its claim runs.
 */
export function reasonToReview(flag: Flag, { refunds, merchants, history }: Configuration): string | undefined {
  const { amountMinor, currency, merchant } = flag.charge;
  const people = new Set((flag.approvals ?? []).map(({ by }) => by)).size;
  if (people >= (amountMinor > (refunds.twoPeopleAboveMinor[currency] ?? Number.POSITIVE_INFINITY) ? 2 : 1)) return;
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  if (amountMinor > (limitMinor ?? Number.POSITIVE_INFINITY)) return `${amountMinor} is over the limit`;
  if (flag.stale && history === 'hold') return 'its event is stale';
  return undefined;
}
