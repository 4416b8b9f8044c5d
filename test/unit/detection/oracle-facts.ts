import type { Charge, ChargeRef, LifecycleEvent } from '../../../core/events/payment-event.ts';
import { DAY } from '../../fixtures/charges.ts';
import { Hearsay } from './hearsay.ts';

/** All that is known of one charge, wherever it was told. */
export interface Facts {
  readonly ref: ChargeRef;
  captured?: { charge: Charge; timeMs: number; seenMs: number; latestMs: number; books: readonly string[] };
  /** Every telling of an amount beside the first capture's. */
  amounts: readonly { amountMinor: number; currency: string; timeMs: number }[];
  releasedMs?: number;
  voidedMs?: number;
  refunds?: { totalMinor: number; timeMs: number };
  /** Every telling of a refund by its id. */
  singles: readonly { id: string; minor: number; timeMs: number }[];
  readonly hearsay: Hearsay;
  dispute?: { timeMs: number; state: 'open' | 'merchant' | 'payer' };
  expiresAtMs: number;
}

export const EVIDENCE = 180 * DAY;
const WAITING = 30 * DAY;

export function newFacts(ref: ChargeRef): Facts {
  return { ref, amounts: [], singles: [], hearsay: new Hearsay(), expiresAtMs: 0 };
}

/** One id for two charges: other money of the same time, another currency, or another name of whom it is about. */
export function isAnother(
  { charge: known, timeMs }: NonNullable<Facts['captured']>,
  now: { charge: Charge; timeMs: number },
): boolean {
  const differs = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  const { charge } = now;
  if (known.merchant !== charge.merchant || differs(known.payer, charge.payer)) return true;
  if (known.currency !== charge.currency || differs(known.order, charge.order)) return true;
  return known.amountMinor !== charge.amountMinor && now.timeMs === timeMs;
}

/** A capture told again. Returns whether it says anything new. */
export function tellAgain(
  facts: Facts,
  captured: NonNullable<Facts['captured']>,
  { charge, timeMs }: { charge: Charge; timeMs: number },
): boolean {
  const isLater = captured.latestMs < timeMs;
  const { amountMinor, currency } = charge;
  const says = amountMinor !== captured.charge.amountMinor || timeMs > captured.timeMs;
  const key = JSON.stringify({ amountMinor, currency, timeMs });
  const isNews = says && !facts.amounts.some((one) => JSON.stringify(one) === key);
  if (isNews) facts.amounts = [...facts.amounts, { amountMinor, currency, timeMs }];
  if (isLater) captured.latestMs = timeMs;
  const amounts = amountsOf(facts, captured.charge);
  const isHeard = facts.hearsay.hear(charge, { captured: captured.charge, amounts, isCapture: true });
  return isNews || isLater || isHeard;
}

export function amountsOf({ amounts }: Facts, { currency }: Charge): readonly number[] {
  return amounts.flatMap((one) => (one.currency === currency ? one.amountMinor : []));
}

/** One refund by its id. What a total of its time or later holds says nothing; nor does an older telling of the id. */
function noteSingle(facts: Facts, told: Facts['singles'][number]): void {
  if (facts.refunds !== undefined && told.timeMs <= facts.refunds.timeMs) return;
  const ofId = facts.singles.filter(({ id }) => id === told.id);
  const isOld = ofId.some((one) => one.timeMs > told.timeMs || (one.timeMs === told.timeMs && one.minor >= told.minor));
  if (!isOld) facts.singles = [...facts.singles, told];
}

/** The charge by every amount that it was told to have. */
export function likesOf(facts: Facts, charge: Charge): readonly Charge[] {
  return [charge, ...amountsOf(facts, charge).map((amountMinor) => ({ ...charge, amountMinor }))];
}

/** The amount with the latest time, of one time the smallest. */
export function amountNow({ amounts }: Facts, { charge, timeMs }: NonNullable<Facts['captured']>): number {
  const own = amounts.filter(({ currency }) => currency === charge.currency);
  const all = [{ amountMinor: charge.amountMinor, timeMs }, ...own];
  const latestMs = Math.max(...all.map((one) => one.timeMs));
  return Math.min(...all.filter((one) => one.timeMs === latestMs).map((one) => one.amountMinor));
}

/** The latest total, and each refund told after it: the latest telling of each id, of one time the larger. */
export function returned({ refunds, singles }: Facts): number {
  const after = singles.filter(({ timeMs }) => timeMs > (refunds?.timeMs ?? Number.NEGATIVE_INFINITY));
  const byId = Map.groupBy(after, ({ id }) => id);
  return [...byId.values()].reduce((sum, tellings) => {
    const latestMs = Math.max(...tellings.map(({ timeMs }) => timeMs));
    return sum + Math.max(...tellings.filter(({ timeMs }) => timeMs === latestMs).map(({ minor }) => minor));
  }, refunds?.totalMinor ?? 0);
}

/** The latest event time holds, by whatever order of arrival. */
export function note(facts: Facts, event: LifecycleEvent, nowMs: number): void {
  const { timeMs } = event;
  const captured = facts.captured?.charge;
  const amounts = captured ? amountsOf(facts, captured) : [];
  const isHeard = facts.hearsay.hear(event.charge, { captured, amounts, isCapture: false });
  const before = JSON.stringify(facts);
  if (event.kind === 'charge.adjusted') {
    const { adjusted } = event;
    const isTold = facts.amounts.some(
      (one) => one.timeMs === timeMs && one.amountMinor === adjusted.amountMinor && one.currency === adjusted.currency,
    );
    if (!isTold) facts.amounts = [...facts.amounts, { ...adjusted, timeMs }];
  } else if (event.kind === 'charge.refunded' && event.refundId !== undefined) {
    noteSingle(facts, { id: event.refundId, minor: event.refundMinor, timeMs });
  } else if (event.kind === 'charge.refunded') {
    const told = { totalMinor: event.refundedTotalMinor, timeMs };
    const last = facts.refunds ?? { totalMinor: -1, timeMs: Number.NEGATIVE_INFINITY };
    if (timeMs > last.timeMs) facts.refunds = told;
    if (timeMs === last.timeMs && told.totalMinor > last.totalMinor) facts.refunds = told;
  } else if (event.kind === 'charge.disputed') {
    const state = event.open ? 'open' : (event.wonBy ?? 'payer');
    const last = facts.dispute;
    const isTie = last !== undefined && timeMs === last.timeMs;
    // On a tie the state by which less money goes back: open, then won by the payer.
    const weigh = (one: string) => ['merchant', 'payer', 'open'].indexOf(one);
    if (!last || timeMs > last.timeMs || (isTie && weigh(state) > weigh(last.state))) facts.dispute = { timeMs, state };
  } else {
    facts.releasedMs = Math.max(timeMs, facts.releasedMs ?? timeMs);
    if (event.kind === 'charge.voided') facts.voidedMs = Math.max(timeMs, facts.voidedMs ?? timeMs);
  }
  if (JSON.stringify(facts) === before && !isHeard) return;
  facts.expiresAtMs = Math.max(facts.expiresAtMs, nowMs + (facts.captured === undefined ? WAITING : EVIDENCE));
}
