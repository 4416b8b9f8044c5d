import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryCaseStore, type MemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { type Case, withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { caseIdOf } from '../../../core/detection/fingerprint.ts';
import { pages } from '../../../core/pages.ts';
import type { CaseFilter } from '../../../core/queries/case-filter.ts';
import { decodeCursor, encodeCursor } from '../../../core/queries/cursor.ts';
import { type FindCases, findCases } from '../../../core/queries/find-cases.ts';
import { ACME, charge, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { flag, moved } from '../../fixtures/flags.ts';

const CASES = 160;
const iso = (minutes: number) => new Date(START_MS + minutes * MINUTE).toISOString();

/** Cases of all kinds, one a minute: each filter is meant by some. */
async function filled(): Promise<MemoryCaseStore> {
  const store = createMemoryCaseStore();
  for (let n = 0; n < CASES; n++) {
    const atMs = START_MS + n * MINUTE;
    const act = { actor: 'system:test', atMs, reason: 'a test' };
    const source = n % 5 === 0 ? ACME : WALLET;
    const shows = {
      source,
      merchant: `m_${n % 4}`,
      order: `o_${n % 7}`,
      currency: n % 3 === 0 ? 'JPY' : 'CNY',
      amountMinor: 100 * (n + 1),
    };
    const original = charge({ ...shows, chargeId: `ch_${n}`, payer: `p_${n % 6}` });
    const flagged = charge({ ...shows, chargeId: `ch_${n}_again`, payer: `p_${n % 6}` });
    const detector = n % 2 === 0 ? 'same-order' : 'rapid-repeat';
    const open = flag({
      caseId: caseIdOf(original, digests),
      charge: flagged,
      original: { source, chargeId: original.chargeId },
      originalCharge: original,
      detector,
      openedAtMs: atMs,
      deadlineAtMs: atMs + 90 * 24 * 60 * MINUTE,
    });
    const change = withChanges(undefined, [{ before: undefined, after: open, act }], digests);
    await store.commit(change);
    if (n % 3 !== 1) continue;
    await store.commit(withChanges(change.case, [moved(open, { status: 'dismissed' }, act)], digests));
  }
  return store;
}

let store: MemoryCaseStore;
beforeAll(async () => {
  store = await filled();
});

async function found(filter: CaseFilter, shows: Partial<FindCases> = {}): Promise<readonly Case[]> {
  const items: Case[] = [];
  const find: FindCases = { filter, sort: 'newest', limit: 25, ...shows };
  const read = async (position: { readonly cursor?: string }) => {
    const page = await findCases({ ...find, ...position }, { cases: store, digests });
    if (page === undefined) throw new Error('its own cursor was refused');
    return page;
  };
  for await (const page of pages(read)) {
    expect(page.items.length).toBeLessThanOrEqual(find.limit);
    items.push(...page.items);
  }
  return items;
}

/** What is meant, from the words of the filter alone, over everything there is. */
function expected(filter: CaseFilter): readonly string[] {
  const flagsOf = (id: string) => store.allFlags().filter(({ caseId }) => caseId === id);
  const some = (one: Case, is: (flag: Flag) => boolean) => flagsOf(one.id).some(is);
  return store
    .allCases()
    .filter((one) => filter.status === undefined || one.status === filter.status)
    .filter((one) => filter.merchant === undefined || one.merchant === filter.merchant)
    .filter((one) => filter.payer === undefined || some(one, (each) => each.charge.payer === filter.payer))
    .filter((one) => filter.order === undefined || some(one, (each) => each.charge.order === filter.order))
    .filter(
      ({ original, ...one }) =>
        filter.charge === undefined ||
        original.chargeId === filter.charge ||
        some({ original, ...one }, (each) => each.charge.chargeId === filter.charge),
    )
    .filter((one) => filter.source === undefined || one.original.source === filter.source)
    .filter((one) => filter.detector === undefined || some(one, (each) => each.detector === filter.detector))
    .filter((one) => filter.from === undefined || one.openedAtMs >= Date.parse(filter.from))
    .filter((one) => filter.to === undefined || one.openedAtMs < Date.parse(filter.to))
    .filter((one) => filter.currency === undefined || one.currency === filter.currency)
    .filter((one) => filter.minAmount === undefined || one.atStakeMinor >= filter.minAmount)
    .filter((one) => filter.maxAmount === undefined || one.atStakeMinor <= filter.maxAmount)
    .toSorted((a, b) => b.openedAtMs - a.openedAtMs)
    .map(({ id }) => id);
}

const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const filters: fc.Arbitrary<CaseFilter> = fc
  .record({
    status: some(fc.constantFrom('open', 'resolved')),
    merchant: some(fc.integer({ min: 0, max: 4 }).map((n) => `m_${n}`)),
    payer: some(fc.integer({ min: 0, max: 6 }).map((n) => `p_${n}`)),
    order: some(fc.integer({ min: 0, max: 7 }).map((n) => `o_${n}`)),
    charge: some(
      fc.integer({ min: 0, max: 2 * CASES }).map((n) => (n % 2 === 0 ? `ch_${n / 2}` : `ch_${(n - 1) / 2}_again`)),
    ),
    source: some(fc.constantFrom(ACME, WALLET)),
    detector: some(fc.constantFrom('same-order', 'rapid-repeat')),
    from: some(fc.integer({ min: 0, max: CASES }).map(iso)),
    to: some(fc.integer({ min: 0, max: CASES }).map(iso)),
    currency: some(fc.constantFrom('JPY', 'CNY')),
    minAmount: some(fc.integer({ min: 0, max: 100 * CASES })),
    maxAmount: some(fc.integer({ min: 0, max: 100 * CASES })),
  })
  .map(({ charge, source, ...rest }) => ({ ...rest, charge, ...(charge !== undefined && { source }) }));

describe('finding cases', () => {
  it('finds what is meant and nothing else, newest first, whatever the filter and the page', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.constantFrom(1, 3, 25, 100), async (filter, limit) => {
        expect((await found(filter, { limit })).map(({ id }) => id)).toEqual(expected(filter));
      }),
      { numRuns: 300 },
    );
  });

  it('finds unresolved cases by the nearest deadline, and filters them alike', async () => {
    for (const filter of [{}, { merchant: 'm_2' }, { detector: 'same-order', from: iso(20) }] satisfies CaseFilter[]) {
      const byDeadline = await found(filter, { sort: 'deadline' });
      expect(byDeadline.map(({ id }) => id)).toEqual(expected({ ...filter, status: 'open' }).toReversed());
    }
  });

  it('looks at a bounded number of cases for a page, and leads on', async () => {
    let looked = 0;
    const counting: typeof store.listCases = (list, page) => {
      looked += page.limit;
      return store.listCases(list, page);
    };
    const find: FindCases = { filter: { detector: 'no-such' }, sort: 'newest', limit: 1, cursor: undefined };
    const page = await findCases(find, { cases: { ...store, listCases: counting }, digests });
    expect(page?.items).toEqual([]);
    expect(looked).toBeLessThanOrEqual(500);
  });

  it('refuses a cursor of another query, and what is none', async () => {
    const context = { cases: store, digests };
    const first = await findCases({ filter: {}, sort: 'newest', limit: 3 }, context);
    const cursor = first?.cursor ?? '';
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(await findCases({ filter: {}, sort: 'newest', limit: 5, cursor }, context)).toBeDefined();
    const others: FindCases[] = [
      { filter: {}, sort: 'deadline', limit: 3, cursor },
      { filter: { merchant: 'm_1' }, sort: 'newest', limit: 3, cursor },
      { filter: {}, sort: 'newest', limit: 3, cursor: 'not one' },
      { filter: {}, sort: 'newest', limit: 3, cursor: `${cursor}x` },
    ];
    for (const find of others) expect(await findCases(find, context)).toBeUndefined();
  });

  it('gives a cursor that leads nowhere but to a position in a list', () => {
    expect(decodeCursor(encodeCursor('~', {}, digests), {}, digests)).toBeUndefined();
    const position = `${iso(1)}#${'a'.repeat(32)}`;
    expect(decodeCursor(encodeCursor(position, {}, digests), {}, digests)).toBe(position);
  });
});
