import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import { sumOf } from './proof.ts';
import { isNamedByApproval } from './rules.ts';
import { counts, type Member, rootOf } from './standing.ts';
import type { KnownTotals } from './told-totals.ts';

/** What an order keeps when one of its charges goes. */
export interface Keeping {
  readonly flag: Flag | undefined;
  readonly own: Member;
  readonly window: ChargeWindow;
  /** All that certainly stands in the window without the charge. */
  readonly others: readonly Member[];
  /** How many charges of the cluster are owed at least. */
  readonly owed: 0 | 1;
  /** Of the order, where the window is the order's. */
  readonly totals: KnownTotals;
}

/**
 * Promise 1 at its gate: another charge of the cluster stands, and what stands covers the latest total. An approved
 * `overpaid` charge needs no cluster, and the others cover the highest total.
 */
export function isTooLittleKept({ flag, own, window, others, owed, totals }: Keeping): boolean {
  if (owed === 0) return false;
  const { currency } = own.record.capture.charge;
  const coveredMinor = sumOf(others.filter(({ record }) => record.capture.charge.currency === currency));
  const latest = totals.latest.map(({ totalMinor }) => totalMinor);
  if (!totals.mayBeUnknown && coveredMinor < Math.min(...latest)) return true;
  const root = rootOf(own.entry);
  if (others.some((other) => rootOf(other.entry) === root && counts(other, window))) return false;
  const isOverpaid = flag !== undefined && isNamedByApproval(flag, 'overpaid') && latest.length > 0;
  return !isOverpaid || coveredMinor < Math.max(totals.highestMinor, Math.min(...latest));
}

/** Under another detector than the order's: the order keeps a charge, and what covers its latest total. */
export function isOrderEmptied({ flag, own, others, totals }: Omit<Keeping, 'window' | 'owed'>): boolean {
  if (flag !== undefined && isNamedByApproval(flag, 'empties-order')) return false;
  const { currency } = own.record.capture.charge;
  const coveredMinor = sumOf(others.filter(({ record }) => record.capture.charge.currency === currency));
  const leastMinor = totals.mayBeUnknown ? 0 : Math.min(...totals.latest.map(({ totalMinor }) => totalMinor));
  return others.length === 0 || coveredMinor < leastMinor;
}
