import { beforeAll, describe, expect, it } from 'vitest';
import type { FreezeOrder, FreezeStore } from '../../core/refunds/freeze.ts';
import { START_MS } from '../fixtures/charges.ts';

/** An order of ann that freezes all refunds. */
export function freezeOrder(shows: Partial<FreezeOrder> = {}): FreezeOrder {
  return { frozen: true, by: 'ann', reason: 'a bad release', atMs: START_MS, ...shows };
}

/** What each implementation of the port must do. Every test has merchants of its own; the one about all refunds is last. */
export function freezeStoreSuite(name: string, create: () => Promise<FreezeStore>): void {
  describe(`the freeze store ${name}`, () => {
    let freezes: FreezeStore;
    beforeAll(async () => {
      freezes = await create();
    });

    it('freezes nothing before an order', async () => {
      expect(await freezes.isFrozen('m_1')).toBe(false);
      expect(await freezes.newestOrders(['m_1'])).toEqual([]);
    });

    it('freezes the refunds of one merchant until the thaw', async () => {
      const order = freezeOrder({ merchant: 'm_one' });
      expect(await freezes.issue(order)).toEqual({ kind: 'changed', standing: order });
      expect([await freezes.isFrozen('m_one'), await freezes.isFrozen('m_other')]).toEqual([true, false]);
      const thawed = { ...order, frozen: false, by: 'ben', reason: 'rolled back', atMs: START_MS + 1 };
      expect(await freezes.issue(thawed)).toEqual({ kind: 'changed', standing: thawed });
      expect(await freezes.isFrozen('m_one')).toBe(false);
      expect(await freezes.newestOrders(['m_one'])).toEqual([thawed]);
    });

    it('answers a repeated freeze with the first order, which stays', async () => {
      const first = freezeOrder({ merchant: 'm_again' });
      await freezes.issue(first);
      expect(await freezes.issue({ ...first, by: 'ben', reason: 'me too', atMs: START_MS + 1 })).toEqual({
        kind: 'already',
        standing: first,
      });
      expect(await freezes.newestOrders(['m_again'])).toEqual([first]);
    });

    it('answers a repeated thaw with the first thaw, and one of what was never frozen with no order', async () => {
      const never = freezeOrder({ merchant: 'm_never', frozen: false });
      expect(await freezes.issue(never)).toEqual({ kind: 'already' });
      expect(await freezes.newestOrders(['m_never'])).toEqual([]);
      await freezes.issue(freezeOrder({ merchant: 'm_thawed' }));
      const thawed = freezeOrder({ merchant: 'm_thawed', frozen: false, atMs: START_MS + 1 });
      await freezes.issue(thawed);
      expect(await freezes.issue({ ...thawed, by: 'ben' })).toEqual({ kind: 'already', standing: thawed });
    });

    it('lets one of several operators who freeze at once be the first, and tells the others who it was', async () => {
      const orders = ['ann', 'ben', 'cid', 'dee'].map((by) => freezeOrder({ merchant: 'm_race', by }));
      const outcomes = await Promise.all(orders.map((order) => freezes.issue(order)));
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['already', 'already', 'already', 'changed']);
      const [standing] = await freezes.newestOrders(['m_race']);
      expect(outcomes.map((outcome) => outcome.standing)).toEqual(orders.map(() => standing));
    });

    it('gives a freeze and a thaw at once one of the two orders in which they can come', async () => {
      const order = freezeOrder({ merchant: 'm_both' });
      await freezes.issue(order);
      const [again, thawed] = await Promise.all([
        freezes.issue({ ...order, by: 'ben', atMs: START_MS + 1 }),
        freezes.issue({ ...order, by: 'cid', frozen: false, atMs: START_MS + 1 }),
      ]);
      expect(thawed?.kind).toBe('changed');
      expect(await freezes.isFrozen('m_both')).toBe(again?.kind === 'changed');
    });

    it('returns the standing order for all refunds first, then those of the merchants asked for', async () => {
      const [ofTwo, ofOne] = ['m_list_2', 'm_list_1'].map((merchant) => freezeOrder({ merchant }));
      if (ofTwo === undefined || ofOne === undefined) throw new Error('two orders');
      const ofAll = freezeOrder({ reason: 'all of it' });
      for (const order of [ofTwo, ofOne, ofAll]) await freezes.issue(order);
      expect(await freezes.newestOrders(['m_list_1', 'm_absent', 'm_list_2'])).toEqual([ofAll, ofOne, ofTwo]);
      expect(await freezes.isFrozen('m_absent')).toBe(true);
      await freezes.issue({ ...ofAll, frozen: false });
      expect([await freezes.isFrozen('m_absent'), await freezes.isFrozen('m_list_1')]).toEqual([false, true]);
    });
  });
}
