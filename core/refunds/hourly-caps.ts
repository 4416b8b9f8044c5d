import type { Minor } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What may be refunded in one clock hour; an absent bound does not bind. */
export interface HourlyCaps {
  readonly merchantMaxMinor: Minor | undefined;
  readonly totalMaxMinor: Minor | undefined;
}

type Capped = Pick<Charge, 'source' | 'merchant' | 'currency'>;
export type CapSettings = Pick<RefundSettings, 'merchants' | 'refunds' | 'sourceOf'>;

/**
 * Returns the caps of all refunds of a charge's currency, automatic and approved together. A merchant's own cap replaces
 * the general one in its own currencies alone. A currency that the registry leaves out for the source has a cap of nothing.
 */
export function hourlyCapsOf(
  { source, merchant, currency }: Capped,
  { merchants, refunds: { capPerHourMinor }, sourceOf }: CapSettings,
): HourlyCaps {
  const isUnnamed = sourceOf(source)?.currencies?.has(currency) === false;
  return {
    merchantMaxMinor: merchants[merchant]?.capPerHourMinor?.[currency] ?? capPerHourMinor.merchant[currency],
    totalMaxMinor: isUnnamed ? 0 : capPerHourMinor.total[currency],
  };
}

/** Returns the budgets of automatic refunds: at most the caps of all. Merchants' own replace the general ones alike. */
export function hourlyBudgetsOf(charge: Capped, settings: CapSettings): HourlyCaps {
  const { merchant, currency } = charge;
  const { budgetPerHourMinor } = settings.refunds;
  const caps = hourlyCapsOf(charge, settings);
  const ofMerchant = settings.merchants[merchant]?.budgetPerHourMinor?.[currency];
  return {
    merchantMaxMinor: lower(ofMerchant ?? budgetPerHourMinor.merchant[currency], caps.merchantMaxMinor),
    totalMaxMinor: lower(budgetPerHourMinor.total[currency], caps.totalMaxMinor),
  };
}

/** Returns true where not even an hour without another refund has room. */
export function isAboveWhole(refundMinor: Minor, { merchantMaxMinor, totalMaxMinor }: HourlyCaps): boolean {
  return [merchantMaxMinor, totalMaxMinor].some((max) => max !== undefined && refundMinor > max);
}

/** Returns every currency in which something is capped: only there can a cap be raised. */
export function cappedCurrencies({ refunds, merchants }: Pick<RefundSettings, 'refunds' | 'merchants'>) {
  const { merchant, total } = refunds.capPerHourMinor;
  const own = Object.values(merchants).map(({ capPerHourMinor }) => capPerHourMinor ?? {});
  return [...new Set([merchant, total, ...own].flatMap((caps) => Object.keys(caps)))].sort();
}

function lower(one: Minor | undefined, other: Minor | undefined): Minor | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
