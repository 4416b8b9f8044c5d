import { beforeAll, describe, expect, it } from 'vitest';
import { asCaseId } from '../../core/brands.ts';
import { type Case, withChanges } from '../../core/cases/case.ts';
import type { CaseList, CasePageOf, CaseStore, Page, PageOf } from '../../core/cases/case-store.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { pages } from '../../core/pages.ts';
import { charge, DAY, MINUTE, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { act, flag, moved, newFlag, opened, type Shows, wait } from '../fixtures/flags.ts';

/** What every store of cases must list. */
export function caseListsSuite(name: string, create: () => Promise<CaseStore>): void {
  filtersSuite(name, create);
  waitingSuite(name, create);

  describe(`the lists of the case store ${name}`, () => {
    const flags = Array.from({ length: 25 }, (_, n) =>
      newFlag({
        status: n % 5 === 4 ? 'held' : 'open',
        openedAtMs: START_MS + n * MINUTE,
        deadlineAtMs: START_MS + 90 * DAY + n,
      }),
    );
    let store: CaseStore;
    beforeAll(async () => {
      store = await create();
      for (const each of flags) {
        const opening = { before: undefined, after: each, act: act({ atMs: each.openedAtMs }) };
        await store.commit(withChanges(undefined, [opening], digests));
      }
    });

    it.each([1, 3, 7, 19, 20, 100])('give the open flags, oldest first, %d a page', async (limit) => {
      const expected = flags.filter(({ status }) => status === 'open').map(({ id }) => id);
      const pages = await all((page) => store.flagsByStatus('open', page), limit);
      expect(pages.flat().map(({ id }) => id)).toEqual(expected);
      expect(pages.every((page) => page.length <= limit)).toBe(true);
    });

    it('count the flags of a status that were raised from a time on', async () => {
      expect(await store.countFlags('open', 0)).toBe(20);
      expect(await store.countFlags('held', START_MS + 10 * MINUTE)).toBe(3);
      expect(await store.countFlags('failed', 0)).toBe(0);
    });

    it.each([4, 100])('give the open cases, newest first, %d a page', async (limit) => {
      const pages = await all((page) => store.casesByStatus('open', page), limit);
      expect(pages.flat().map(({ id }) => id)).toEqual(flags.map(({ caseId }) => caseId).toReversed());
    });

    it.each([1, 6, 100])('give the unresolved cases, nearest deadline first, %d a page', async (limit) => {
      const pages = await all((page) => byDeadline(store, page), limit);
      expect(pages.flat().map(({ id }) => id)).toEqual(flags.map(({ caseId }) => caseId));
      expect(pages.every((page) => page.length <= limit)).toBe(true);
    });

    it('give urgent cases before all others, and can leave them out', async () => {
      const last = flags.at(-2);
      if (last === undefined) throw new Error('no flag');
      const marked = moved(last, { urgentSinceMs: START_MS });
      await store.commit(withChanges(await store.readCase(last.caseId), [marked], digests));
      const others = flags.filter((each) => each !== last).map(({ caseId }) => caseId);
      for (const limit of [4, 100]) {
        const pages = await all((page) => byDeadline(store, page), limit);
        expect(pages.flat().map(({ id }) => id)).toEqual([last.caseId, ...others]);
        const rest = await all((page) => store.casesNotUrgent(page), limit);
        expect(rest.flat().map(({ id }) => id)).toEqual(others);
      }
    });

    it('give the flags that were opened in a range, page by page', async () => {
      const range = { fromMs: START_MS + 3 * MINUTE, toMs: START_MS + 12 * MINUTE };
      const expected = flags.filter(
        ({ status, openedAtMs }) => status === 'open' && openedAtMs >= range.fromMs && openedAtMs < range.toMs,
      );
      for (const limit of [2, 100]) {
        const pages = await all((page) => store.flagsByStatus('open', { ...page, ...range }), limit);
        expect(pages.flat().map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }
    });

    it('follow a flag from one status to the next', async () => {
      const [one] = flags.slice(4, 5);
      if (one === undefined) throw new Error('no flag');
      const known = await store.readCase(one.caseId);
      await store.commit(withChanges(known, [moved(one, { status: 'dismissed' })], digests));
      const held = await all((page) => store.flagsByStatus('held', page), 10);
      expect(held.flat()).toHaveLength(4);
      expect((await store.flagsByStatus('dismissed', { limit: 10 })).items.map(({ id }) => id)).toEqual([one.id]);
      expect((await store.casesByStatus('resolved', { limit: 10 })).items.map(({ id }) => id)).toEqual([one.caseId]);
      expect(await store.flagsByStatus('failed', { limit: 10 })).toEqual({ items: [] });
      const waiting = await byDeadline(store, { limit: 100 });
      expect(waiting.items.map(({ id }) => id)).not.toContain(one.caseId);
      expect(waiting.items).toHaveLength(24);
    });
  });
}

/** Two merchants and two payers over twelve cases, one a minute; each case has a flag of either payer. */
function filtersSuite(name: string, create: () => Promise<CaseStore>): void {
  describe(`the case lists of the case store ${name}`, () => {
    const cases = Array.from({ length: 12 }, (_, n) => {
      const caseId = asCaseId(digests.hash128(`listed case ${n}`));
      const shows = { merchant: `m_${n % 2}`, order: `o_${n % 3}` };
      const original = charge({ ...shows, chargeId: `listed_${n}`, order: `first_${n % 3}` });
      const flagOf = (payer: string, order: string) => {
        const flagged = charge({ ...shows, order, payer, chargeId: `listed_${n}_${payer}` });
        const at = START_MS + n * MINUTE;
        const ref = { source: original.source, chargeId: original.chargeId };
        return flag({ caseId, charge: flagged, original: ref, originalCharge: original, openedAtMs: at });
      };
      return { n, caseId, flags: [flagOf('p_ann', `o_${n % 3}`), flagOf(`p_${n % 2}`, `o_${n % 3}`)] };
    });
    const idsOf = (isMeant: (n: number) => boolean) =>
      cases
        .filter(({ n }) => isMeant(n))
        .map(({ caseId }) => caseId)
        .toReversed();
    let store: CaseStore;
    beforeAll(async () => {
      store = await create();
      for (const { n, flags } of cases) {
        const act = { actor: 'system:test', atMs: START_MS + n * MINUTE, reason: 'a test' };
        const changes = flags.map((after) => ({ before: undefined, after, act }));
        await store.commit(withChanges(undefined, changes, digests));
      }
    });

    const listed = async (list: CaseList, limit: number, bounds: Pick<CasePageOf, 'fromMs' | 'toMs'> = {}) => {
      const pages = await all((page) => store.listCases(list, { ...page, ...bounds }), limit);
      expect(pages.every((page) => page.length <= limit)).toBe(true);
      return pages.flat().map(({ found }) => found.id);
    };

    it.each([1, 2, 5, 100])('are whole, newest first, each case once, %d a page', async (limit) => {
      expect(await listed({ by: 'status', status: 'any' }, limit)).toEqual(idsOf(() => true));
      expect(await listed({ by: 'merchant', merchant: 'm_1' }, limit)).toEqual(idsOf((n) => n % 2 === 1));
      expect(await listed({ by: 'payer', payer: 'p_ann' }, limit)).toEqual(idsOf(() => true));
      expect(await listed({ by: 'payer', payer: 'p_0' }, limit)).toEqual(idsOf((n) => n % 2 === 0));
      expect(await listed({ by: 'order', order: 'o_1' }, limit)).toEqual(idsOf((n) => n % 3 === 1));
    });

    it('find a case by its original’s order and charge too, and nothing else', async () => {
      expect(await listed({ by: 'order', order: 'first_2' }, 2)).toEqual(idsOf((n) => n % 3 === 2));
      expect(await listed({ by: 'charge', chargeId: 'listed_7' }, 10)).toEqual(idsOf((n) => n === 7));
      expect(await listed({ by: 'charge', chargeId: 'listed_7_p_ann' }, 10)).toEqual(idsOf((n) => n === 7));
      expect(await listed({ by: 'payer', payer: 'p_' }, 10)).toEqual([]);
    });

    it('find a case whose charge has no payer by its order and charge', async () => {
      const guest = charge({ chargeId: 'listed_guest', payer: undefined, order: 'o_guest', merchant: 'm_guest' });
      const after = flag({ caseId: asCaseId(digests.hash128('a case of a guest')), charge: guest });
      const act = { actor: 'system:test', atMs: START_MS, reason: 'a test' };
      const other = await create();
      await other.commit(withChanges(undefined, [{ before: undefined, after, act }], digests));
      const found = async (list: CaseList) =>
        (await other.listCases(list, { limit: 2 })).items.map(({ found }) => found.id);
      expect(await found({ by: 'order', order: 'o_guest' })).toEqual([after.caseId]);
      expect(await found({ by: 'charge', chargeId: 'listed_guest' })).toEqual([after.caseId]);
      const [read] = await other.flagsOf(after.caseId);
      expect(read?.charge.payer).toBeUndefined();
    });

    it('hold what was opened between two times: not before the first, before the second', async () => {
      const bounds = { fromMs: START_MS + 3 * MINUTE, toMs: START_MS + 8 * MINUTE };
      for (const limit of [2, 100]) {
        const between = idsOf((n) => n >= 3 && n < 8);
        expect(await listed({ by: 'status', status: 'open' }, limit, bounds)).toEqual(between);
        expect(await listed({ by: 'payer', payer: 'p_ann' }, limit, bounds)).toEqual(between);
      }
    });

    it('do not shift when a case is opened while they are read', async () => {
      const list = { by: 'merchant', merchant: 'm_0' } as const;
      const first = await store.listCases(list, { limit: 2 });
      const caseId = asCaseId(digests.hash128('a case that comes in between'));
      const late = flag({ caseId, charge: charge({ chargeId: 'between', merchant: 'm_0' }) });
      const act = { actor: 'system:test', atMs: START_MS + 60 * MINUTE, reason: 'a test' };
      await store.commit(withChanges(undefined, [{ before: undefined, after: late, act }], digests));
      const cursor = first.items.at(-1)?.cursor ?? '';
      expect(first.cursor).toBe(cursor);
      const rest = await all(({ limit, cursor: next = cursor }) => store.listCases(list, { limit, cursor: next }), 3);
      const ids = [...first.items, ...rest.flat()].map(({ found }) => found.id);
      expect(ids).toEqual(idsOf((n) => n % 2 === 0));
    });
  });
}

/** Flags that look more and less like copies, two of each score, some of which ask nobody. */
function waitingSuite(name: string, create: () => Promise<CaseStore>): void {
  describe(`the list of what waits of the case store ${name}`, () => {
    const original = charge({ chargeId: 'waiting_original', payer: 'p_1', instrument: 'tok_1', amountMinor: 12_937 });
    const flagOf = (n: number, differs: Partial<Charge>, shows: Shows = {}) => {
      const copy = charge({ ...original, chargeId: `waiting_${n}`, ...differs });
      return newFlag({
        status: 'held',
        charge: copy,
        originalCharge: original,
        timeMs: START_MS + 1_000,
        originalTimeMs: START_MS,
        openedAtMs: START_MS + n * MINUTE,
        ...shows,
      });
    };
    const best = [flagOf(1, {}), flagOf(4, {})];
    const middle = [flagOf(0, { instrument: 'tok_2' }), flagOf(5, { instrument: 'tok_2' }, { status: 'expired' })];
    const last = [flagOf(2, { payer: 'p_2', instrument: 'tok_2' }), flagOf(3, { payer: 'p_2', instrument: 'tok_2' })];
    const silent = [
      flagOf(6, {}, { status: 'held', wait: wait({ waitsFor: ['frozen', 'budget'] }) }),
      flagOf(7, {}, { status: 'open' }),
      flagOf(8, {}, { status: 'approved' }),
    ];
    const expected = [...best, ...middle, ...last].map(({ id }) => id);
    let store: CaseStore;
    beforeAll(async () => {
      store = await create();
      for (const each of [...last, ...silent, ...middle, ...best]) {
        await store.commit(withChanges(undefined, [opened(each)], digests));
      }
    });

    it.each([1, 2, 4, 6, 100])('gives the best score first, and of one score the oldest, %d a page', async (limit) => {
      const read = await all((page) => store.waitingFlags(page), limit);
      expect(read.flat().map(({ id }) => id)).toEqual(expected);
      expect(read.every((page) => page.length <= limit)).toBe(true);
    });

    it('does not shift when a flag begins to wait while it is read', async () => {
      const first = await store.waitingFlags({ limit: 2 });
      const better = flagOf(-1, {});
      await store.commit(withChanges(undefined, [opened(better)], digests));
      const cursor = first.cursor ?? '';
      const rest = await all(({ limit, cursor: next = cursor }) => store.waitingFlags({ limit, cursor: next }), 3);
      expect([...first.items, ...rest.flat()].map(({ id }) => id)).toEqual(expected);
      const known = await store.readCase(better.caseId);
      await store.commit(withChanges(known, [moved(better, { status: 'kept' })], digests));
      const read = await all((page) => store.waitingFlags(page), 100);
      expect(read.flat().map(({ id }) => id)).toEqual(expected);
    });
  });
}

async function byDeadline(store: CaseStore, page: PageOf): Promise<Page<Case>> {
  const { items, ...rest } = await store.listCases({ by: 'deadline' }, page);
  return { ...rest, items: items.map(({ found }) => found) };
}

async function all<Item>(
  list: (page: PageOf) => Promise<Page<Item>>,
  limit: number,
): Promise<readonly (readonly Item[])[]> {
  const read: (readonly Item[])[] = [];
  for await (const { items } of pages((place) => list({ limit, ...place }), 100)) read.push(items);
  return read;
}
