import { beforeAll, describe, expect, it } from 'vitest';
import type { Budgets, Reservation } from '../../core/refunds/budgets.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

let named = 0;

/** A reservation of 100 of a merchant's 250 an hour; names begin with a hash, as flags' do. */
function reservation(shows: Partial<Reservation> = {}): Reservation {
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

    it('reserve up to the cap to the last unit, and not beyond it', async () => {
      const merchant = 'm_cap';
      const ask = (refundMinor: number) => budgets.reserve(reservation({ merchant, refundMinor }));
      expect([await ask(100), await ask(151), await ask(150), await ask(1)]).toEqual([
        'reserved',
        'spent',
        'reserved',
        'spent',
      ]);
    });

    it('count a reservation once, however often it is asked for', async () => {
      const merchant = 'm_again';
      const one = reservation({ merchant, refundMinor: 200 });
      expect([await budgets.reserve(one), await budgets.reserve(one)]).toEqual(['reserved', 'reserved']);
      expect(await budgets.reserve(reservation({ merchant, refundMinor: 50 }))).toBe('reserved');
    });

    it('take a reservation back once, and count nothing for one that is unknown', async () => {
      const merchant = 'm_back';
      const one = reservation({ merchant, refundMinor: 250 });
      await budgets.reserve(one);
      await budgets.releaseReservation(one.name);
      await budgets.releaseReservation(one.name);
      await budgets.releaseReservation('unknown');
      expect(await budgets.reserve(reservation({ merchant, refundMinor: 250 }))).toBe('reserved');
      expect(await budgets.reserve(reservation({ merchant, refundMinor: 1 }))).toBe('spent');
    });

    it.each<[string, Partial<Reservation>]>([
      ['another merchant', { merchant: 'm_other' }],
      ['another currency', { currency: 'JPY' }],
      ['the next hour', { nowMs: START_MS + HOUR }],
      ['somebody whom no cap binds', { merchantMaxMinor: undefined }],
    ])('leave room to %s', async (_, change) => {
      const merchant = `m_${Object.keys(change)[0]}`;
      await budgets.reserve(reservation({ merchant, refundMinor: 250 }));
      expect(await budgets.reserve(reservation({ merchant, refundMinor: 250, ...change }))).toBe('reserved');
      expect(await budgets.reserve(reservation({ merchant, refundMinor: 1 }))).toBe('spent');
    });

    it('never pass a cap, whoever asks at once', async () => {
      const merchant = 'm_race';
      const asked = await Promise.all(Array.from({ length: 12 }, () => budgets.reserve(reservation({ merchant }))));
      expect(asked.filter((answer) => answer === 'reserved')).toHaveLength(2);
    });

    it('refuse what the total of all merchants has no room for', async () => {
      const huge = reservation({ currency: 'USD', merchantMaxMinor: undefined, totalMaxMinor: 99, refundMinor: 100 });
      expect(await budgets.reserve(huge)).toBe('spent');
    });
  });
}
