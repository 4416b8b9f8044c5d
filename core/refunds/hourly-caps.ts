import type { Minor } from '../brands.ts';
import type { Charge } from '../events/payment-event.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What may be refunded in one clock hour; an absent cap does not bind. */
interface HourlyCaps {
  readonly merchantMaxMinor: Minor | undefined;
  readonly totalMaxMinor: Minor | undefined;
}

/** Returns the caps of a charge's currency. A merchant's own budget replaces the general one in its own currencies alone. */
export function hourlyCapsOf(
  { merchant, currency }: Pick<Charge, 'merchant' | 'currency'>,
  { merchants, refunds: { budgetPerHourMinor } }: Pick<RefundSettings, 'merchants' | 'refunds'>,
): HourlyCaps {
  return {
    merchantMaxMinor: merchants[merchant]?.budgetPerHourMinor?.[currency] ?? budgetPerHourMinor.merchant[currency],
    totalMaxMinor: budgetPerHourMinor.total[currency],
  };
}
