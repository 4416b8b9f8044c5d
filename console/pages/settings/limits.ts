import type { SettingsView } from '../../api/answers.ts';

type Limited = Pick<
  SettingsView,
  'limitMinor' | 'twoPeopleAboveMinor' | 'approverPerHourMinor' | 'budgetPerHourMinor' | 'capPerHourMinor'
>;

export const LIMITS = [
  'limit',
  'twoPeople',
  'approver',
  'merchantBudget',
  'totalBudget',
  'merchantCap',
  'totalCap',
] as const;
export type Limit = (typeof LIMITS)[number];

/** The limits of one currency; absent is unlimited. */
export interface CurrencyLimits {
  readonly currency: string;
  readonly minor: { readonly [limit in Limit]: number | undefined };
}

export function limitsByCurrency({
  limitMinor,
  twoPeopleAboveMinor,
  approverPerHourMinor,
  budgetPerHourMinor,
  capPerHourMinor,
}: Limited): readonly CurrencyLimits[] {
  const { merchant, total } = budgetPerHourMinor;
  const all = [
    limitMinor,
    twoPeopleAboveMinor,
    approverPerHourMinor,
    merchant,
    total,
    capPerHourMinor.merchant,
    capPerHourMinor.total,
  ];
  const currencies = new Set(all.flatMap((one) => Object.keys(one)));
  return [...currencies].sort().map((currency) => ({
    currency,
    minor: {
      limit: limitMinor[currency],
      twoPeople: twoPeopleAboveMinor[currency],
      approver: approverPerHourMinor[currency],
      merchantBudget: merchant[currency],
      totalBudget: total[currency],
      merchantCap: capPerHourMinor.merchant[currency],
      totalCap: capPerHourMinor.total[currency],
    },
  }));
}
