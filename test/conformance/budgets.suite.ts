import { beforeAll, describe, expect, it } from 'vitest';
import { asCaseId } from '../../core/brands.ts';
import type { Allocation, Budgets } from '../../core/refunds/budgets.ts';
import { DAY, HOUR, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

let named = 0;

/** An allocation of 100 of a merchant's 250 an hour; names begin with a hash, as flags' do. */
function allocation(shows: Partial<Allocation> = {}): Allocation {
  return {
    name: `${digests.hash128(`flag ${++named}`)}-0`,
    merchant: 'm_1',
    currency: 'CNY',
    refundMinor: 100,
    merchantMaxMinor: 250,
    totalMaxMinor: undefined,
    nowMs: START_MS,
    ...shows,
  };
}

/** An allocation without a cap for a case of a payer, who may have refunds in two cases. */
function atPayer(payer: string, caseId: string, shows: Partial<Allocation> = {}): Allocation {
  return allocation({
    merchantMaxMinor: undefined,
    payer: { payer, caseId: asCaseId(caseId), casesMax: 2 },
    ...shows,
  });
}

/** What the budgets of refunds must do. */
export function budgetsSuite(name: string, create: () => Promise<Budgets>): void {
  describe(`the budgets ${name}`, () => {
    let budgets: Budgets;
    beforeAll(async () => {
      budgets = await create();
    });

    it('allocate up to the cap to the last unit, and not beyond it', async () => {
      const merchant = 'm_cap';
      const ask = (refundMinor: number) => budgets.allocate(allocation({ merchant, refundMinor }));
      expect([await ask(100), await ask(151), await ask(150), await ask(1)]).toEqual([
        'allocated',
        'spent',
        'allocated',
        'spent',
      ]);
    });

    it('bound the day of a source, apart from the hour, and release that too', async () => {
      const merchant = 'm_day';
      const ramps = [{ source: '/new', maxMinor: 150 }];
      const one = allocation({ merchant, ramps, refundMinor: 100, merchantMaxMinor: 400 });
      const ask = (shows: Partial<Allocation>) =>
        budgets.allocate(allocation({ merchant, ramps, merchantMaxMinor: 400, ...shows }));
      expect([await budgets.allocate(one), await ask({ refundMinor: 51 }), await ask({ refundMinor: 50 })]).toEqual([
        'allocated',
        'day-spent',
        'allocated',
      ]);
      // Of another source, in another currency, on another day; without a bound, and beyond the hour.
      const others = [{ ramps: [{ source: '/other', maxMinor: 150 }] }, { currency: 'JPY' }, { nowMs: START_MS + DAY }];
      for (const other of others) expect(await ask({ refundMinor: 51, ...other })).toBe('allocated');
      expect(await ask({ refundMinor: 100, ramps: [] })).toBe('allocated');
      expect(await ask({ refundMinor: 51 })).toBe('day-spent');
      expect(await ask({ refundMinor: 100 })).toBe('spent');
      await budgets.releaseAllocation(one.name);
      expect(await ask({ refundMinor: 99 })).toBe('allocated');
    });

    it('count an allocation once, however often it is asked for', async () => {
      const merchant = 'm_again';
      const one = allocation({ merchant, refundMinor: 200 });
      expect([await budgets.allocate(one), await budgets.allocate(one)]).toEqual(['allocated', 'allocated']);
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 50 }))).toBe('allocated');
    });

    it('take an allocation back once, and count nothing for one that is unknown', async () => {
      const merchant = 'm_back';
      const one = allocation({ merchant, refundMinor: 250 });
      await budgets.allocate(one);
      await budgets.releaseAllocation(one.name);
      await budgets.releaseAllocation(one.name);
      await budgets.releaseAllocation('unknown');
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 250 }))).toBe('allocated');
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 1 }))).toBe('spent');
    });

    it.each<[string, Partial<Allocation>]>([
      ['another merchant', { merchant: 'm_other' }],
      ['another currency', { currency: 'JPY' }],
      ['the next hour', { nowMs: START_MS + HOUR }],
      ['somebody whom no cap binds', { merchantMaxMinor: undefined }],
    ])('leave room to %s', async (_, change) => {
      const merchant = `m_${Object.keys(change)[0]}`;
      await budgets.allocate(allocation({ merchant, refundMinor: 250 }));
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 250, ...change }))).toBe('allocated');
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 1 }))).toBe('spent');
    });

    it('never pass a cap, whoever asks at once', async () => {
      const merchant = 'm_race';
      const asked = await Promise.all(Array.from({ length: 12 }, () => budgets.allocate(allocation({ merchant }))));
      expect(asked.filter((answer) => answer === 'allocated')).toHaveLength(2);
    });

    it('count a case once at its payer, and stop one case more than may go', async () => {
      const ask = (caseId: string) => budgets.allocate(atPayer('p_cases', caseId));
      expect([await ask('a'), await ask('a'), await ask('b'), await ask('c'), await ask('a')]).toEqual([
        'allocated',
        'allocated',
        'allocated',
        'payer-often',
        'allocated',
      ]);
      expect(await budgets.otherCases({ payer: 'p_cases', caseId: asCaseId('c') }, START_MS)).toBe(2);
      expect(await budgets.otherCases({ payer: 'p_cases', caseId: asCaseId('a') }, START_MS)).toBe(1);
      expect(await budgets.otherCases({ payer: 'p_none', caseId: asCaseId('a') }, START_MS)).toBe(0);
    });

    it('answer an allocation that was granted as granted, whatever the payer has since', async () => {
      const one = atPayer('p_again', 'a');
      await budgets.allocate(one);
      for (const caseId of ['b', 'c']) {
        const payer = { payer: 'p_again', caseId: asCaseId(caseId), casesMax: undefined };
        expect(await budgets.allocate(atPayer('p_again', caseId, { payer }))).toBe('allocated');
      }
      expect(await budgets.allocate(one)).toBe('allocated');
      expect(await budgets.allocate(atPayer('p_again', 'd'))).toBe('payer-often');
    });

    it('take the note of a case back with its last allocation', async () => {
      const [one, two] = [atPayer('p_back', 'a'), atPayer('p_back', 'a')];
      for (const each of [one, two, atPayer('p_back', 'b')]) await budgets.allocate(each);
      const others = () => budgets.otherCases({ payer: 'p_back', caseId: asCaseId('c') }, START_MS);
      await budgets.releaseAllocation(one.name);
      await budgets.releaseAllocation(one.name);
      expect(await others()).toBe(2);
      await budgets.releaseAllocation(two.name);
      expect(await others()).toBe(1);
      expect(await budgets.allocate(atPayer('p_back', 'c'))).toBe('allocated');
    });

    it('forget a case 24 hours after its newest refund', async () => {
      for (const caseId of ['a', 'b']) await budgets.allocate(atPayer('p_day', caseId));
      const at = (nowMs: number) => budgets.allocate(atPayer('p_day', 'c', { nowMs }));
      expect([await at(START_MS + DAY - 1), await at(START_MS + DAY)]).toEqual(['payer-often', 'allocated']);
    });

    it('keep a newer note when an allocation from before is released', async () => {
      const old = atPayer('p_old', 'a');
      await budgets.allocate(old);
      await budgets.allocate(atPayer('p_old', 'a', { nowMs: START_MS + DAY }));
      await budgets.releaseAllocation(old.name);
      expect(await budgets.otherCases({ payer: 'p_old', caseId: asCaseId('b') }, START_MS + DAY)).toBe(1);
    });

    it('count nothing for a refund that a cap or the payer stops', async () => {
      const merchant = 'm_payer';
      const payer = { payer: 'p_spent', caseId: asCaseId('a'), casesMax: 2 };
      const dear = allocation({ merchant, refundMinor: 251, payer });
      expect(await budgets.allocate(dear)).toBe('spent');
      expect(await budgets.otherCases({ payer: 'p_spent', caseId: asCaseId('b') }, START_MS)).toBe(0);
      for (const caseId of ['a', 'b']) await budgets.allocate(atPayer('p_spent', caseId));
      const third = { payer: 'p_spent', caseId: asCaseId('c'), casesMax: 2 };
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 250, payer: third }))).toBe('payer-often');
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 250 }))).toBe('allocated');
    });

    it('never let more cases of a payer go than may, in whatever order their claims arrive', async () => {
      const cases = ['a', 'b', 'c', 'd', 'e', 'f'];
      const asked = await Promise.all(cases.map((caseId) => budgets.allocate(atPayer('p_race', caseId))));
      expect(asked.filter((answer) => answer === 'allocated')).toHaveLength(2);
      expect(await budgets.otherCases({ payer: 'p_race', caseId: asCaseId('none') }, START_MS)).toBe(2);
    });

    it('have room for a refund as large as a whole cap, and for none that is larger', async () => {
      const ask = (currency: string, refundMinor: number) =>
        budgets.allocate(
          allocation({ currency, refundMinor, merchantMaxMinor: undefined, totalMaxMinor: refundMinor }),
        );
      for (let cap = 96; cap <= 103; cap++) {
        const currency = `C${cap}`;
        expect([await ask(currency, cap), cap]).toEqual(['allocated', cap]);
        const one = { merchantMaxMinor: undefined, totalMaxMinor: cap };
        expect(await budgets.allocate(allocation({ currency, refundMinor: 1, ...one }))).toBe('spent');
        const large = { currency: `D${cap}`, refundMinor: cap + 1, ...one };
        expect(await budgets.allocate(allocation(large))).toBe('spent');
        expect(await budgets.allocate(allocation({ ...large, refundMinor: cap - 1 }))).toBe('allocated');
      }
    });

    it('count the allocation of a granted claim where it is missing, once and whatever the cap', async () => {
      const merchant = 'm_granted';
      await budgets.allocate(allocation({ merchant, refundMinor: 200 }));
      const granted = allocation({ merchant, refundMinor: 100 });
      await budgets.ensureAllocated(granted);
      await budgets.ensureAllocated(granted);
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 50 }))).toBe('spent');
      await budgets.releaseAllocation(granted.name);
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 50 }))).toBe('allocated');
      expect(await budgets.allocate(allocation({ merchant, refundMinor: 1 }))).toBe('spent');
    });

    it('refuse what the total of all merchants has no room for', async () => {
      const huge = allocation({ currency: 'USD', merchantMaxMinor: undefined, totalMaxMinor: 99, refundMinor: 100 });
      expect(await budgets.allocate(huge)).toBe('spent');
    });
  });
}
