import type { Query } from '../../api/api.ts';

/** What a payer can name: an order of a merchant, or a charge of a processor. */
export const BY = ['order', 'charge'] as const;
export type By = (typeof BY)[number];

/** The two names that are asked for, under those of the API. */
const NAMES = { order: ['merchant', 'order'], charge: ['source', 'charge'] } as const;

export interface Lookup {
  readonly by: By;
  readonly first: string;
  readonly second: string;
}

export function lookupOf(search: string): Lookup {
  const given = new URLSearchParams(search);
  const by = given.has('charge') ? 'charge' : 'order';
  const [first, second] = NAMES[by];
  return { by, first: given.get(first) ?? '', second: given.get(second) ?? '' };
}

export function searchOf(lookup: Lookup): string {
  return new URLSearchParams(Object.entries(queryOf(lookup))).toString();
}

export function queryOf({ by, first, second }: Lookup): Query & Record<string, string> {
  const [firstName, secondName] = NAMES[by];
  return { [firstName]: first, [secondName]: second };
}
