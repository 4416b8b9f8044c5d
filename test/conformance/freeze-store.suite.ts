import { beforeAll, describe, expect, it } from 'vitest';
import type { FreezeOrder, FreezeStore, ThawRequest } from '../../core/refunds/freeze.ts';
import { START_MS } from '../fixtures/charges.ts';

/** An order of ann that freezes all refunds. */
export function freezeOrder(shows: Partial<FreezeOrder> = {}): FreezeOrder {
  return { frozen: true, by: 'ann', reason: 'a bad release', atMs: START_MS, ...shows };
}

/** The request of ben to end a freeze. */
function thawRequest(of: FreezeOrder, id = `thaw of ${of.merchant}`): ThawRequest {
  const { merchant } = of;
  return {
    id,
    ...(merchant !== undefined && { merchant }),
    reason: 'rolled back',
    requested: { by: 'ben', atMs: START_MS + 1 },
  };
}

/** The order that cid's confirmation of it makes. */
function thawOrder(request: ThawRequest): FreezeOrder {
  const { merchant, reason, requested } = request;
  const confirmed = { by: 'cid', atMs: START_MS + 2 };
  const whose = merchant === undefined ? {} : { merchant };
  return {
    frozen: false,
    ...whose,
    by: requested.by,
    reason,
    atMs: confirmed.atMs,
    thaw: { ...request, confirmed },
  };
}

/** Asks for the thaw of a standing freeze and confirms it. */
export async function thawed(freezes: FreezeStore, of: FreezeOrder): Promise<FreezeOrder> {
  const request = thawRequest(of);
  expect(await freezes.requestThaw(request, of)).toBe('requested');
  const order = thawOrder(request);
  expect(await freezes.issue(order)).toEqual({ kind: 'changed', standing: order });
  return order;
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
      const after = await thawed(freezes, order);
      expect(await freezes.isFrozen('m_one')).toBe(false);
      expect(await freezes.newestOrders(['m_one'])).toEqual([after]);
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
      const order = freezeOrder({ merchant: 'm_thawed' });
      await freezes.issue(order);
      const after = await thawed(freezes, order);
      expect(await freezes.issue({ ...after, atMs: START_MS + 9 })).toEqual({ kind: 'already', standing: after });
    });

    it('keeps a request beside the freeze, and returns it by its id', async () => {
      const order = freezeOrder({ merchant: 'm_ask' });
      await freezes.issue(order);
      const request = thawRequest(order);
      expect(await freezes.requestThaw(request, order)).toBe('requested');
      expect(await freezes.newestOrders(['m_ask'])).toEqual([{ ...order, thaw: request }]);
      expect([await freezes.isFrozen('m_ask'), await freezes.thawRequest(request.id)]).toEqual([true, request]);
      expect(await freezes.thawRequest('none')).toBeUndefined();
    });

    it('takes one of two requests for the freeze that both have read', async () => {
      const order = freezeOrder({ merchant: 'm_asks' });
      await freezes.issue(order);
      const requests = ['first', 'second'].map((id) => thawRequest(order, id));
      const outcomes = await Promise.all(requests.map((request) => freezes.requestThaw(request, order)));
      expect(outcomes.toSorted()).toEqual(['conflict', 'requested']);
    });

    it('takes no request for what is not frozen, or frozen by another order', async () => {
      const order = freezeOrder({ merchant: 'm_ask_late' });
      expect(await freezes.requestThaw(thawRequest(order), order)).toBe('conflict');
      await freezes.issue(order);
      await thawed(freezes, order);
      expect(await freezes.requestThaw(thawRequest(order, 'late'), order)).toBe('conflict');
      await freezes.issue({ ...order, atMs: START_MS + 5 });
      expect(await freezes.requestThaw(thawRequest(order, 'late'), order)).toBe('conflict');
    });

    it('thaws nothing without the request that stands beside the freeze', async () => {
      const order = freezeOrder({ merchant: 'm_alone' });
      await freezes.issue(order);
      const alone = { ...order, frozen: false, by: 'ben' };
      expect(await freezes.issue(alone)).toEqual({ kind: 'already', standing: order });
      const request = thawRequest(order, 'asked');
      await freezes.requestThaw(request, order);
      expect(await freezes.issue(alone)).toMatchObject({ kind: 'already', standing: { frozen: true } });
      const other = thawOrder(thawRequest(order, 'another'));
      expect(await freezes.issue(other)).toMatchObject({ kind: 'already', standing: { frozen: true } });
      expect(await freezes.isFrozen('m_alone')).toBe(true);
    });

    it('ends a request with a freeze that comes after it', async () => {
      const order = freezeOrder({ merchant: 'm_again_frozen' });
      await freezes.issue(order);
      const request = thawRequest(order);
      await freezes.requestThaw(request, order);
      const later = { ...order, by: 'dee', atMs: START_MS + 3 };
      expect(await freezes.issue(later)).toEqual({ kind: 'changed', standing: later });
      expect(await freezes.issue(thawOrder(request))).toEqual({ kind: 'already', standing: later });
      expect(await freezes.isFrozen('m_again_frozen')).toBe(true);
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
      const request = thawRequest(order);
      await freezes.requestThaw(request, order);
      const [again] = await Promise.all([
        freezes.issue({ ...order, by: 'dee', atMs: START_MS + 3 }),
        freezes.issue(thawOrder(request)),
      ]);
      expect(again?.kind).toBe('changed');
      expect(await freezes.isFrozen('m_both')).toBe(true);
    });

    it('returns the standing order for all refunds first, then those of the merchants asked for', async () => {
      const [ofTwo, ofOne] = ['m_list_2', 'm_list_1'].map((merchant) => freezeOrder({ merchant }));
      if (ofTwo === undefined || ofOne === undefined) throw new Error('two orders');
      const ofAll = freezeOrder({ reason: 'all of it' });
      for (const order of [ofTwo, ofOne, ofAll]) await freezes.issue(order);
      expect(await freezes.newestOrders(['m_list_1', 'm_absent', 'm_list_2'])).toEqual([ofAll, ofOne, ofTwo]);
      expect(await freezes.isFrozen('m_absent')).toBe(true);
      await thawed(freezes, ofAll);
      expect([await freezes.isFrozen('m_absent'), await freezes.isFrozen('m_list_1')]).toEqual([false, true]);
    });
  });
}
