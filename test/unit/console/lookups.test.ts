import { expect, it } from 'vitest';
import { lookupOf, queryOf, searchOf } from '../../../console/pages/payer/payer-lookup.ts';
import { limitsByCurrency } from '../../../console/pages/settings/limits.ts';

it.each([
  { by: 'order', first: 'm_1', second: 'o 1&2', query: { merchant: 'm_1', order: 'o 1&2' } },
  { by: 'charge', first: '/processors/acme', second: 'ch_1', query: { source: '/processors/acme', charge: 'ch_1' } },
] as const)('a look-up by $by survives the address bar and asks for $query', ({ query, ...lookup }) => {
  expect(lookupOf(searchOf(lookup))).toEqual(lookup);
  expect(queryOf(lookup)).toEqual(query);
});

it('limits are told by currency, and what is absent is unlimited', () => {
  const limits = limitsByCurrency({
    limitMinor: { KWD: 1 },
    twoPeopleAboveMinor: { CNY: 2 },
    approverPerHourMinor: { CNY: 5 },
    budgetPerHourMinor: { merchant: {}, total: { CNY: 3 } },
    capPerHourMinor: { merchant: { KWD: 4 }, total: { CNY: 9 } },
  });
  expect(limits).toEqual([
    {
      currency: 'CNY',
      minor: {
        limit: undefined,
        twoPeople: 2,
        approver: 5,
        merchantBudget: undefined,
        totalBudget: 3,
        merchantCap: undefined,
        totalCap: 9,
      },
    },
    {
      currency: 'KWD',
      minor: {
        limit: 1,
        twoPeople: undefined,
        approver: undefined,
        merchantBudget: undefined,
        totalBudget: undefined,
        merchantCap: 4,
        totalCap: undefined,
      },
    },
  ]);
});
