import type { FlagId } from '../brands.ts';
import {
  type ChargeView,
  chargeIn,
  countedStanding,
  isUndoubted,
  type ViewedCharge,
} from '../detection/charge-view.ts';
import { owedBy, rootOf, totalOf } from '../detection/charge-window.ts';
import { countedOn } from '../detection/claims.ts';
import { coverOf, isSameMoney } from '../detection/order-total.ts';
import type { EvidenceFacts } from './evidence-facts.ts';

/**
 * Returns the charges that the claim of a charge counts on: those that its deciding window needs, and those that its order
 * keeps where another detector decides. `none` where the window would be left with less than is owed.
 */
export function survivorsIn(facts: EvidenceFacts, id: FlagId): readonly ViewedCharge[] | 'none' {
  const { view } = facts;
  const own = chargeIn(view, id);
  if (own === undefined) return 'none';
  if (owedBy(view.window) === 0) return [];
  const counted = countedOn(view, own);
  if (counted.length === 0) return 'none';
  const inOrder = stayingInOrder(facts, id);
  return inOrder === 'none' ? counted : distinct([...counted, ...inOrder]);
}

/**
 * Under another detector than the order's, an approver decides about what would leave the order less than it owes. Returns
 * the charges that must stay in the order; none where the order's own detector decides, or the charge has no order.
 */
export function stayingInOrder({ view, orderView }: EvidenceFacts, id: FlagId): readonly ViewedCharge[] | 'none' {
  if (orderView === 'gone') return 'none';
  if (orderView === undefined || orderView.window.fingerprint === view.window.fingerprint) return [];
  const { currency = '' } = view.records.get(id)?.capture?.charge ?? {};
  const total = totalOf(orderView.window, currency);
  if (total !== undefined) return coverOf(orderView, { id, currency, amountMinor: total.totalMinor }) ?? 'none';
  const others = standingIn(orderView).filter(({ entry }) => !isSameMoney(orderView, id, entry));
  const other = others.find(isUndoubted) ?? others[0];
  return other === undefined ? 'none' : [other];
}

/** Returns true where the window of its order knows another id of the charge's payment, and the deciding window does not. */
export function hasTwinInOrder({ entry, twins }: ViewedCharge, { orderView }: EvidenceFacts): boolean {
  if (orderView === undefined || orderView === 'gone') return false;
  const inOrder = chargeIn(orderView, entry.id)?.twins ?? [];
  return inOrder.some(({ id }) => twins.every((twin) => twin.id !== id));
}

function standingIn(view: ChargeView): readonly ViewedCharge[] {
  const roots = new Set(view.window.entries.map(rootOf));
  return [...roots].flatMap((root) => countedStanding(view, root));
}

function distinct(charges: readonly ViewedCharge[]): readonly ViewedCharge[] {
  return [...new Map(charges.map((charge) => [charge.entry.id, charge])).values()];
}
