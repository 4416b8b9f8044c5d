import { beforeAll, describe, expect, it } from 'vitest';
import type { Allocation, Budgets } from '../../core/refunds/budgets.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
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
