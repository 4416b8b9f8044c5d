import type { FlagId } from '../brands.ts';
import { isCaptured, isDisputed, isReleased, isUnclaimed } from './charge-record.ts';
import {
  type ChargeView,
  chargesOf,
  isKept,
  isStanding,
  recordsOf,
  remainingMinor,
  type ViewedCharge,
} from './charge-view.ts';
import { type ChargeWindow, owedBy, rootOf, totalOf, type WindowEntry } from './charge-window.ts';
import { FATES, fateOf, named } from './fate.ts';

/** An order that keeps less than it owes after our refund. */
export interface ShortOrder {
  /** The charges that we refunded there, in the window's order: one of their flags is marked. */
  readonly ids: readonly FlagId[];
  /** The window's. */
  readonly detector: string;
  /** Nothing is left of all that the window knows, or less than the total: it is short whichever detector decided. */
  readonly isWhole: boolean;
  /** What has become of the charges that were to stay, for people. */
  readonly why: string;
}

/**
 * Returns the clusters in which nothing stands and nothing was kept, after we refunded one of their charges; with a known
 * total instead the order whose standing and kept charges do not amount to it. Where a record has expired, or is not written
 * yet, what has become of its charge is not known: nothing is short there.
 */
export function shortOrdersIn(view: ChargeView): readonly ShortOrder[] {
  const { window, records } = view;
  if (owedBy(window) === 0) return [];
  const all = chargesOf(view);
  const isKnown = ({ id }: WindowEntry) => isCaptured(records.get(id));
  const unknown = new Set(window.entries.filter((entry) => !isKnown(entry)).map(rootOf));
  const isAllGone = unknown.size === 0 && !all.some((charge) => isPaying(charge, window));
  const clusters = Map.groupBy(all, ({ entry }) => rootOf(entry));
  const emptied = [...clusters].flatMap(([root, cluster]) => {
    const isKeeping = cluster.some((charge) => isPaying(charge, window) || hasTotal(charge, window));
    return isKeeping || unknown.has(root)
      ? []
      : shortBy(cluster, { window, of: isAllGone ? all : cluster, isWhole: isAllGone });
  });
  const belowTotal = (window.totals ?? []).flatMap(({ currency, totalMinor }) => {
    const paying = all.filter((charge) => charge.record.capture.charge.currency === currency);
    const keptMinor = paying
      .filter((charge) => isPaying(charge, window))
      .reduce((sum, charge) => sum + remainingMinor(charge), 0);
    return keptMinor >= totalMinor || unknown.size > 0 ? [] : shortBy(paying, { window, of: paying, isWhole: true });
  });
  return [...emptied, ...belowTotal];
}

/** The order owes its total, and not one charge for each cluster. */
function hasTotal({ record }: ViewedCharge, window: ChargeWindow): boolean {
  return totalOf(window, record.capture.charge.currency) !== undefined;
}

/** It stands, or would stand had no approver kept it. */
function isPaying(charge: ViewedCharge, window: ChargeWindow): boolean {
  if (isStanding(charge, window)) return true;
  const records = recordsOf(charge);
  const isLeft = records.every((record) => !isReleased(record) && !isDisputed(record) && isUnclaimed(record));
  return !charge.isTwin && isLeft && records.some((record) => isKept(record, window));
}

/** Nothing where we have refunded none of these charges. */
function shortBy(
  charges: readonly ViewedCharge[],
  {
    window,
    of,
    isWhole,
  }: {
    readonly window: ChargeWindow;
    /** What is short of charges. */
    readonly of: readonly ViewedCharge[];
    readonly isWhole: boolean;
  },
): readonly ShortOrder[] {
  const refunded = charges.filter(({ record }) => record.ours?.state === 'refunded');
  if (refunded.length === 0) return [];
  const gone = of.filter((charge) => charge.record.ours?.state !== 'refunded' && !isPaying(charge, window));
  const fates = gone.map(({ record }) => `${record.chargeId} ${FATES[fateOf(record, window)]}`);
  const why = fates.length > 0 ? named(fates) : 'what stands does not amount to what it owes';
  return [{ ids: refunded.map(({ entry }) => entry.id), detector: window.detector, isWhole, why }];
}
