import type { Minor, Ms } from '../brands.ts';
import type { Money } from '../events/payment-event.ts';

/** The captured amount as it was told for a later time than the first telling, or for an earlier one. */
export interface Adjustment extends Money {
  readonly atMs: Ms;
}

/** One refund by others that was told by its id. */
export interface SingleRefund {
  readonly id: string;
  /** 0 where it failed. */
  readonly minor: Minor;
  readonly atMs: Ms;
}

interface Captured {
  readonly capture: { readonly charge: Money; readonly timeMs: Ms };
  readonly adjustments?: readonly Adjustment[];
}

/** What others have refunded. */
export interface Returned {
  readonly refundedByOthers?: { readonly totalMinor: Minor; readonly atMs: Ms };
  readonly singleRefunds?: readonly SingleRefund[];
}

/** A tip, its correction and some partial captures; twenty of them are no honest charge, and the latest count. */
export const ADJUSTMENTS_MAX = 20;
/** Processors bound partial refunds of a charge far below this. */
export const SINGLE_REFUNDS_MAX = 100;

/** Returns what is captured now: the amount with the latest event time, of several at one time the smallest. */
export function capturedMinorOf({ capture, adjustments }: Captured): Minor {
  const { amountMinor, currency } = capture.charge;
  let latest: Pick<Adjustment, 'amountMinor' | 'atMs'> = { amountMinor, atMs: capture.timeMs };
  for (const each of adjustments ?? []) {
    const isSmaller = each.atMs === latest.atMs && each.amountMinor < latest.amountMinor;
    if (each.currency === currency && (each.atMs > latest.atMs || isSmaller)) latest = each;
  }
  return latest.amountMinor;
}

/** Returns the amounts that the charge has had beside the one that its first telling captured, each once. */
export function otherAmountsOf({ capture, adjustments }: Captured): readonly Minor[] {
  if (adjustments === undefined) return [];
  const { amountMinor, currency } = capture.charge;
  const amounts = adjustments.flatMap((each) => (each.currency === currency ? each.amountMinor : []));
  return [...new Set(amounts)].filter((other) => other !== amountMinor);
}

/**
 * Returns what others have refunded: the total with the latest event time, and what was told one by one for later times.
 * A total holds the refunds before it.
 */
export function returnedByOthersMinor({ refundedByOthers, singleRefunds }: Returned): Minor {
  const totalMinor = refundedByOthers?.totalMinor ?? 0;
  return singleRefunds === undefined ? totalMinor : totalMinor + sumOf(singleRefunds);
}

/** Returns what is left to refund of the captured amount. */
export function refundableMinorOf(record: Captured & Returned): Minor {
  return capturedMinorOf(record) - returnedByOthersMinor(record);
}

/**
 * Returns the record with an amount of another time. The latest amounts are kept, whatever the order of arrival; the same
 * record where it knew this one, or knows later ones only.
 */
export function withAdjustment<Of extends Partial<Captured>>(record: Of, adjustment: Adjustment): Of {
  const known = record.adjustments ?? [];
  if (known.some((each) => compareAdjustments(each, adjustment) === 0)) return record;
  const adjustments = [...known, adjustment].sort(compareAdjustments).slice(-ADJUSTMENTS_MAX);
  return adjustments.includes(adjustment) ? { ...record, adjustments } : record;
}

/**
 * Returns what others have refunded with one refund more. Of the tellings of one id the latest event time holds, on a tie
 * the larger. The same object where the total holds it already, or it was known.
 */
export function withSingleRefund(known: Returned, told: SingleRefund): Returned {
  const { refundedByOthers, singleRefunds = [] } = known;
  if (refundedByOthers !== undefined && told.atMs <= refundedByOthers.atMs) return known;
  const before = singleRefunds.find(({ id }) => id === told.id);
  const isOlder = before && (told.atMs < before.atMs || (told.atMs === before.atMs && told.minor <= before.minor));
  if (isOlder) return known;
  const all = [...singleRefunds.filter((each) => each !== before), told];
  if (all.length <= SINGLE_REFUNDS_MAX) return { ...known, singleRefunds: all };
  // Beyond the bound the oldest refunds become the total of their time.
  const atMs = Math.min(...all.map((each) => each.atMs));
  const oldestMinor = sumOf(all.filter((each) => each.atMs === atMs));
  return withTotal({ singleRefunds: all }, { totalMinor: (refundedByOthers?.totalMinor ?? 0) + oldestMinor, atMs });
}

/** Returns what others have refunded by a total, and by the single refunds after it. */
export function withTotal(
  { singleRefunds = [] }: Pick<Returned, 'singleRefunds'>,
  total: NonNullable<Returned['refundedByOthers']>,
): Returned {
  const later = singleRefunds.filter(({ atMs }) => atMs > total.atMs);
  return { refundedByOthers: total, ...(later.length > 0 && { singleRefunds: later }) };
}

function sumOf(refunds: readonly SingleRefund[]): Minor {
  return refunds.reduce((sum, { minor }) => sum + minor, 0);
}

/** The latest last; of one time the larger first, so that the bound drops it before the one that holds. */
function compareAdjustments(a: Adjustment, b: Adjustment): number {
  return (
    a.atMs - b.atMs ||
    b.amountMinor - a.amountMinor ||
    Number(a.currency > b.currency) - Number(a.currency < b.currency)
  );
}
