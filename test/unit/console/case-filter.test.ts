import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiFilter,
  FILTER_NAMES,
  filterOf,
  filterOfSearch,
  searchOf,
  tokensOf,
} from '../../../console/pages/cases/case-filter.ts';

const value = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && text !== '');
const filters = fc.record(Object.fromEntries(FILTER_NAMES.map((name) => [name, value])), { requiredKeys: [] });

describe('a filter', () => {
  it('survives the address bar and the property filter, whatever is typed', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(filterOfSearch(searchOf(filter))).toEqual(filter);
        expect(filterOf(tokensOf(filter))).toEqual(filter);
      }),
    );
  });

  it('asks one thing of each property: what was said last', () => {
    const token = (text: string) => ({ propertyKey: 'merchant', operator: '=', value: text });
    expect(filterOf([token('m_1'), token('m_2')])).toEqual({ merchant: 'm_2' });
  });

  it('leaves out names that nobody knows', () => {
    expect(filterOfSearch('?merchant=m_1&evil=1')).toEqual({ merchant: 'm_1' });
  });
});

describe('what the API is asked', () => {
  it.each([
    { filter: { status: 'open', merchant: 'm_1' }, query: { status: 'open', merchant: 'm_1' } },
    { filter: { from: '2024-11-11' }, query: { from: '2024-11-11T00:00:00.000Z' } },
    { filter: { to: '2024-11-11' }, query: { to: '2024-11-12T00:00:00.000Z' } },
    { filter: { minAmount: '1.5', currency: 'KWD' }, query: { minAmount: 1_500, currency: 'KWD' } },
    { filter: { maxAmount: '500', currency: 'JPY' }, query: { maxAmount: 500, currency: 'JPY' } },
  ])('for $filter is $query', ({ filter, query }) => {
    expect(apiFilter(filter, 'utc')).toEqual({ kind: 'query', query });
  });

  it.each([
    { filter: { minAmount: '1.5' }, problem: 'amount-needs-currency' },
    { filter: { minAmount: '1.5', currency: 'JPY' }, problem: 'not-an-amount' },
    { filter: { from: 'yesterday' }, problem: 'not-a-day' },
    { filter: { source: '/processors/acme' }, problem: 'source-needs-charge' },
  ])('is nothing for $filter, and it says why', ({ filter, problem }) => {
    expect(apiFilter(filter, 'utc')).toEqual({ kind: 'problem', problem });
  });
});
