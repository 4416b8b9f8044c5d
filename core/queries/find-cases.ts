import type { Case } from '../cases/case.ts';
import type { CaseList, CaseStore, Page } from '../cases/case-store.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { caseIdOf, flagIdOf } from '../detection/fingerprint.ts';
import type { ChargeRef } from '../events/payment-event.ts';
import { type CaseFilter, isMeant, isMeantByFlags } from './case-filter.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export interface FindContext {
  readonly cases: Pick<CaseStore, 'listCases' | 'readCase' | 'readFlags' | 'flagsOf'>;
  readonly digests: PlainDigests;
}

export interface FindCases {
  readonly filter: CaseFilter;
  readonly sort: 'newest' | 'deadline';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Cases looked at in one go once the first page had too few that are meant, and how often: then the page is short. */
const LOOKED_AT = 100;
const ROUNDS_MAX = 5;
/** Where each case's flags must be read too. */
const LOOKED_INTO = 25;

/**
 * One page of the cases that are meant, from the narrowest list that holds them all; what the list does not tell is asked
 * of the cases. Bounded whatever the filter: a page may be short, and its cursor leads on.
 *
 * @returns undefined when the cursor is of another query.
 */
export async function findCases(find: FindCases, context: FindContext): Promise<Page<Case> | undefined> {
  const { filter, sort, limit } = find;
  const { charge, source, from, to } = filter;
  const query = [
    sort,
    ...Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .toSorted(),
  ];
  const position = find.cursor === undefined ? undefined : decodeCursor(find.cursor, query, context.digests);
  if (find.cursor !== undefined && position === undefined) return undefined;
  if (charge !== undefined && source !== undefined) {
    const candidates = await casesOfCharge({ source, chargeId: charge }, context);
    return { items: await meant(candidates, { filter, asksFlags: true }, context) };
  }
  const list = listOf(filter, sort);
  const asksFlags = [filter.payer, filter.order].filter((each) => each !== undefined).length > keysOf(list);
  const items: Case[] = [];
  let at = position;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const size = asksFlags ? Math.min(limit, LOOKED_INTO) : round === 0 ? limit : LOOKED_AT;
    const page = await context.cases.listCases(list, {
      limit: size,
      fromMs: from === undefined ? undefined : Date.parse(from),
      toMs: to === undefined ? undefined : Date.parse(to),
      cursor: at,
    });
    const candidates = page.items.map(({ found }) => found);
    const found = (await meant(candidates, { filter, asksFlags }, context)).slice(0, limit - items.length);
    items.push(...found);
    const isFull = items.length === limit && found.at(-1) !== candidates.at(-1);
    at = isFull ? page.items.find((each) => each.found === found.at(-1))?.cursor : page.cursor;
    if (at === undefined || items.length === limit) break;
  }
  return { items, cursor: at === undefined ? undefined : encodeCursor(at, query, context.digests) };
}

/** A charge that was flagged belongs to its original's case; one that is an original gives its case the id. */
async function casesOfCharge(ref: ChargeRef, { cases, digests }: FindContext): Promise<readonly Case[]> {
  const [flag] = await cases.readFlags([flagIdOf(ref, digests)]);
  const ids = new Set([caseIdOf(ref, digests), ...(flag === undefined ? [] : [flag.caseId])]);
  const found = await Promise.all([...ids].map((each) => cases.readCase(each)));
  return found.filter((one) => one !== undefined).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
}

async function meant(
  candidates: readonly Case[],
  { filter, asksFlags }: { readonly filter: CaseFilter; readonly asksFlags: boolean },
  { cases }: FindContext,
): Promise<readonly Case[]> {
  const fit = candidates.filter((one) => isMeant(one, filter));
  if (!asksFlags) return fit;
  const flags = await Promise.all(fit.map(({ id }) => cases.flagsOf(id)));
  return fit.filter((one, n) => isMeantByFlags(one, flags[n] ?? [], filter));
}

/** How many of payer and order the list itself answers. */
function keysOf({ by }: CaseList): number {
  return by === 'payer' || by === 'order' ? 1 : 0;
}

function listOf({ charge, order, payer, merchant, status }: CaseFilter, sort: FindCases['sort']): CaseList {
  if (sort === 'deadline') return { by: 'deadline' };
  if (charge !== undefined) return { by: 'charge', chargeId: charge };
  if (order !== undefined) return { by: 'order', order };
  if (payer !== undefined) return { by: 'payer', payer };
  if (merchant !== undefined) return { by: 'merchant', merchant };
  return { by: 'status', status: status ?? 'any' };
}
