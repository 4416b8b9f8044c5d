import type { SettingsView } from '../../api/answers.ts';

type Limited = Pick<SettingsView, 'limitMinor' | 'twoPeopleAboveMinor' | 'budgetPerHourMinor'>;

export const LIMITS = ['limit', 'twoPeople', 'merchantBudget', 'totalBudget'] as const;
export type Limit = (typeof LIMITS)[number];

/** The limits of one currency; absent is unlimited. */
export interface CurrencyLimits {
  readonly currency: string;
  readonly minor: { readonly [limit in Limit]: number | undefined };
}

export function limitsByCurrency({
  limitMinor,
  twoPeopleAboveMinor,
  budgetPerHourMinor,
}: Limited): readonly CurrencyLimits[] {
  const { merchant, total } = budgetPerHourMinor;
  const currencies = new Set([limitMinor, twoPeopleAboveMinor, merchant, total].flatMap((one) => Object.keys(one)));
  return [...currencies].sort().map((currency) => ({
    currency,
    minor: {
      limit: limitMinor[currency],
      twoPeople: twoPeopleAboveMinor[currency],
      merchantBudget: merchant[currency],
      totalBudget: total[currency],
    },
  }));
}
