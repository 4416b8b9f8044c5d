import type { FlagId, Minor } from '../brands.ts';
import {
  type ChargeView,
  chargesOf,
  countedStanding,
  isStanding,
  isToldAs,
  remainingMinor,
  surplusOf,
  type ViewedCharge,
} from './charge-view.ts';
import { type OrderTotal, owedBy, rootOf, totalOf } from './charge-window.ts';

/** The most records of charges that must stay which a claim's transaction checks. */
const COVERING_MAX = 90;

/** What was paid beside what an order is to cost, in the currency of one charge. */
export interface Balance {
  readonly total: OrderTotal;
  readonly paidMinor: Minor;
  /** Every charge that stands has the total's currency. */
  readonly isOneCurrency: boolean;
}

/** Compares what stands with the order's total in a currency; undefined where no total is known, or none is owed. */
export function balanceOf(view: ChargeView, currency: string): Balance | undefined {
  const total = totalOf(view.window, currency);
  if (total === undefined) return undefined;
  const standing = standingIn(view);
  const paid = standing.filter((charge) => isIn(charge, currency));
  return { total, paidMinor: sumOf(paid), isOneCurrency: paid.length === standing.length };
}

/** The balance in each currency in which a total is known. */
export function balancesOf(view: ChargeView): readonly Balance[] {
  return (view.window.totals ?? []).flatMap(({ currency }) => balanceOf(view, currency) ?? []);
}

/**
 * Returns the copies that are surplus by a known total: those that fit into what was paid beyond it. The copies of a payer
 * who has an earlier standing charge go first, then the newest.
 */
export function copiesBeyondTotal(view: ChargeView, { total, paidMinor }: Balance): readonly ViewedCharge[] {
  const copies = surplusOf(view).filter((charge) => isIn(charge, total.currency));
  const standing = standingIn(view);
  const isOfEarlierPayer = ({ entry }: ViewedCharge) =>
    standing.some((other) => other.entry.seq < entry.seq && isSamePayer(other, entry));
  const inTurn = [...copies].sort(
    (a, b) => Number(isOfEarlierPayer(b)) - Number(isOfEarlierPayer(a)) || b.entry.seq - a.entry.seq,
  );
  let excessMinor = paidMinor - total.totalMinor;
  return inTurn.filter((charge) => {
    const remaining = remainingMinor(charge);
    if (remaining > excessMinor) return false;
    excessMinor -= remaining;
    return true;
  });
}

/**
 * Returns the newest charge that is no copy and that the order does not need: without it and without the surplus copies,
 * what stands still covers the highest total that was ever told.
 */
export function overpaidBy(view: ChargeView, balance: Balance): ViewedCharge | undefined {
  const { total, paidMinor } = balance;
  const excessMinor = paidMinor - sumOf(copiesBeyondTotal(view, balance)) - total.highestMinor;
  return standingIn(view)
    .filter((charge) => isIn(charge, total.currency) && isAloneInCluster(view, charge))
    .findLast((charge) => remainingMinor(charge) <= excessMinor);
}

/** The order owes its charges, and of the charge's cluster it alone stands. */
export function isAloneInCluster(view: ChargeView, { entry }: ViewedCharge): boolean {
  if (owedBy(view.window) === 0) return false;
  const standing = countedStanding(view, rootOf(entry));
  return standing.length === 1 && standing[0]?.entry.id === entry.id;
}

/**
 * Returns standing charges, without the given one and its twins, that together cover an amount; undefined where all of them do not, or
 * where it takes more of them than a claim can check. As few as possible.
 *
 * @param first are taken before all others
 */
export function coverOf(
  view: ChargeView,
  { id, currency, amountMinor, first = [] }: Cover,
): readonly ViewedCharge[] | undefined {
  const ids = new Set(first.map(({ entry }) => entry.id));
  const others = standingIn(view)
    .filter((charge) => !isToldAs(charge, id) && isIn(charge, currency) && !ids.has(charge.entry.id))
    .sort((a, b) => remainingMinor(b) - remainingMinor(a));
  const cover = first.filter((charge) => isIn(charge, currency));
  while (sumOf(cover) < amountMinor) {
    const next = others.shift();
    if (next === undefined || cover.length === COVERING_MAX) return undefined;
    cover.push(next);
  }
  return cover;
}

interface Cover {
  readonly id: FlagId;
  readonly currency: string;
  readonly amountMinor: Minor;
  readonly first?: readonly ViewedCharge[];
}

/**
 * Do the order's totals prove that the charge is one too many? What was paid beyond the total is exactly what its surplus
 * copies amount to, the charge among them; and without them the order still has the highest total that was ever told.
 * Whether the sources attest totals is another question.
 */
export function isProvedByTotal(view: ChargeView, id: FlagId, balance: Balance): boolean {
  const { total, paidMinor, isOneCurrency } = balance;
  const copies = copiesBeyondTotal(view, balance);
  const surplusMinor = sumOf(copies);
  return (
    isOneCurrency &&
    copies.some(({ entry }) => entry.id === id) &&
    paidMinor - total.totalMinor === surplusMinor &&
    paidMinor - surplusMinor >= total.highestMinor
  );
}

function standingIn(view: ChargeView): readonly ViewedCharge[] {
  return chargesOf(view).filter((charge) => isStanding(charge, view.window));
}

function isIn({ record }: ViewedCharge, currency: string): boolean {
  return record.capture.charge.currency === currency;
}

function isSamePayer({ entry }: ViewedCharge, { payer }: ViewedCharge['entry']): boolean {
  return payer !== undefined && entry.payer === payer;
}

function sumOf(charges: readonly ViewedCharge[]): Minor {
  return charges.reduce((sum, charge) => sum + remainingMinor(charge), 0);
}
