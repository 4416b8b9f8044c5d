import { iso } from '../../../core/clock-units.ts';
import type { Query } from '../../api/api.ts';
import { parseMoney } from '../../format/money.ts';
import type { Zone } from '../../format/time.ts';

/** What cases may be looked for by, under the names of the API; amounts and days as the reader typed them. */
export const FILTER_NAMES = [
  'status',
  'merchant',
  'payer',
  'order',
  'charge',
  'source',
  'detector',
  'currency',
  'from',
  'to',
  'minAmount',
  'maxAmount',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type CaseFilter = { readonly [name in FilterName]?: string };

/** One condition of the property filter. */
export interface FilterToken {
  readonly propertyKey: string;
  readonly operator: string;
  readonly value: string;
}

/** Where two names are the two ends of one property. */
const ENDS = {
  from: { propertyKey: 'opened', operator: '>=' },
  to: { propertyKey: 'opened', operator: '<=' },
  minAmount: { propertyKey: 'amount', operator: '>=' },
  maxAmount: { propertyKey: 'amount', operator: '<=' },
} as const;

export function tokensOf(filter: CaseFilter): readonly FilterToken[] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [{ ...conditionOf(name), value }];
  });
}

/** A filter asks one thing of each property: what was said last holds. */
export function filterOf(tokens: readonly FilterToken[]): CaseFilter {
  const named = tokens.flatMap(({ propertyKey, operator, value }) => {
    const name = FILTER_NAMES.find((one) => {
      const condition = conditionOf(one);
      return condition.propertyKey === propertyKey && condition.operator === operator;
    });
    return name === undefined || value.trim() === '' ? [] : [[name, value.trim()] as const];
  });
  return Object.fromEntries(named);
}

function conditionOf(name: FilterName): Omit<FilterToken, 'value'> {
  return isEnd(name) ? ENDS[name] : { propertyKey: name, operator: '=' };
}

function isEnd(name: FilterName): name is keyof typeof ENDS {
  return Object.hasOwn(ENDS, name);
}

/** The filter as a page's address holds it; names that nobody knows are left out. */
export function filterOfSearch(search: string): CaseFilter {
  const given = new URLSearchParams(search);
  return Object.fromEntries(
    FILTER_NAMES.flatMap((name) => {
      const value = given.get(name)?.trim();
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/** In which order the API lists cases; by deadline only those that are unresolved. */
export const SORTS = ['newest', 'deadline'] as const;
export type CaseSort = (typeof SORTS)[number];

export function sortOfSearch(search: string): CaseSort {
  const given = new URLSearchParams(search).get('sort');
  return SORTS.find((sort) => sort === given) ?? 'newest';
}

export function searchOf(filter: CaseFilter, sort: CaseSort = 'newest'): string {
  const named = tokensByName(filter);
  return new URLSearchParams(sort === 'newest' ? named : [...named, ['sort', sort]]).toString();
}

function tokensByName(filter: CaseFilter): [string, string][] {
  return FILTER_NAMES.flatMap((name) => (filter[name] === undefined ? [] : [[name, filter[name]] as [string, string]]));
}

export type ApiFilter =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'problem'; readonly problem: FilterProblem };
export type FilterProblem = 'amount-needs-currency' | 'not-an-amount' | 'not-a-day' | 'source-needs-charge';

/** The filter as the API takes it: days as moments in the reader's zone, amounts in minor units of the currency. */
export function apiFilter(filter: CaseFilter, zone: Zone): ApiFilter {
  const { from, to, minAmount, maxAmount, ...rest } = filter;
  const query: Record<string, string | number> = { ...rest };
  if (rest.source !== undefined && rest.charge === undefined)
    return { kind: 'problem', problem: 'source-needs-charge' };
  // The API takes a moment before which; a day ends where it does in the reader's zone.
  const days = {
    from: from && momentOf(`${from}T00:00:00.000`, zone),
    to: to && momentOf(`${to}T23:59:59.999`, zone, 1),
  };
  for (const [name, moment] of Object.entries(days)) {
    if (moment === undefined || moment === '') continue;
    if (moment === 'none') return { kind: 'problem', problem: 'not-a-day' };
    query[name] = moment;
  }
  for (const [name, text] of Object.entries({ minAmount, maxAmount })) {
    if (text === undefined) continue;
    if (filter.currency === undefined) return { kind: 'problem', problem: 'amount-needs-currency' };
    const minor = parseMoney(text, filter.currency);
    if (minor === undefined) return { kind: 'problem', problem: 'not-an-amount' };
    query[name] = minor;
  }
  return { kind: 'query', query };
}

function momentOf(text: string, zone: Zone, plusMs = 0): string {
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? 'none' : iso(ms + plusMs);
}
