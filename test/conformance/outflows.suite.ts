import { beforeAll, describe, expect, it } from 'vitest';
import type { Outflow, Outflows } from '../../core/refunds/outflow.ts';
import { HOUR, START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';

let named = 0;

/** 100 of a merchant's 250 an hour. */
function outflow(shows: Partial<Outflow> = {}): Outflow {
  return {
    name: `${digests.hash128(`outflow ${++named}`)}-0`,
    charge: { source: '/processors/wallet', chargeId: 'one' },
    merchant: 'm_1',
    currency: 'CNY',
    refundMinor: 100,
    merchantMaxMinor: 250,
    totalMaxMinor: undefined,
    nowMs: START_MS,
    ...shows,
  };
}

/** What the counters before the gateway must do. */
export function outflowsSuite(name: string, create: () => Promise<Outflows>): void {
  describe(`the outflows ${name}`, () => {
    let outflows: Outflows;
    beforeAll(async () => {
      outflows = await create();
    });

    it('count up to the cap to the last unit, and not beyond it', async () => {
      const ask = (refundMinor: number) => outflows.countOutflow(outflow({ merchant: 'm_cap', refundMinor }));
      expect([await ask(100), await ask(151), await ask(150), await ask(1)]).toEqual([
        'counted',
        'beyond-cap',
        'counted',
        'beyond-cap',
      ]);
    });

    it('count an attempt once, also where its hour is full or over', async () => {
      const one = outflow({ merchant: 'm_again', refundMinor: 250 });
      expect([await outflows.countOutflow(one), await outflows.countOutflow(one)]).toEqual(['counted', 'counted']);
      expect(await outflows.countOutflow({ ...one, nowMs: START_MS + HOUR })).toBe('counted');
      expect(await outflows.countOutflow(outflow({ merchant: 'm_again', refundMinor: 1 }))).toBe('beyond-cap');
    });

    it.each<[string, Partial<Outflow>]>([
      ['amount', { refundMinor: 101 }],
      ['currency', { currency: 'JPY' }],
      ['merchant', { merchant: 'm_other' }],
      ['charge', { charge: { source: '/processors/wallet', chargeId: 'another' } }],
    ])('refuse an attempt that was counted with another %s', async (_, change) => {
      const one = outflow({ merchant: 'm_differs', merchantMaxMinor: undefined });
      await outflows.countOutflow(one);
      expect(await outflows.countOutflow({ ...one, ...change })).toBe('differs');
    });

    it('know an attempt that was counted, and no other', async () => {
      const one = outflow({ merchant: 'm_known' });
      expect(await outflows.isCounted(one)).toBe(false);
      await outflows.countOutflow(one);
      expect(await outflows.isCounted(one)).toBe(true);
      expect(await outflows.isCounted({ ...one, refundMinor: 101 })).toBe(false);
    });

    it('have room again in the next clock hour, and not a millisecond before', async () => {
      const full = { merchant: 'm_hour', refundMinor: 250 };
      const hourMs = START_MS - (START_MS % HOUR);
      expect(await outflows.countOutflow(outflow({ ...full, nowMs: hourMs }))).toBe('counted');
      expect(await outflows.countOutflow(outflow({ ...full, nowMs: hourMs + HOUR - 1 }))).toBe('beyond-cap');
      expect(await outflows.countOutflow(outflow({ ...full, nowMs: hourMs + HOUR }))).toBe('counted');
    });

    it('have no room for a refund above a whole cap', async () => {
      const above = { merchantMaxMinor: undefined, totalMaxMinor: 99, currency: 'USD' };
      expect(await outflows.countOutflow(outflow(above))).toBe('beyond-cap');
      expect(await outflows.countOutflow(outflow({ ...above, totalMaxMinor: 0, refundMinor: 1 }))).toBe('beyond-cap');
    });

    it('say whether there is room, and count nothing for the question', async () => {
      const one = outflow({ merchant: 'm_room', refundMinor: 200 });
      const large = outflow({ merchant: 'm_room', refundMinor: 51 });
      expect([await outflows.hasRoom(one), await outflows.hasRoom(one)]).toEqual([true, true]);
      await outflows.countOutflow(one);
      expect([await outflows.hasRoom(one), await outflows.hasRoom(large)]).toEqual([true, false]);
      expect(await outflows.hasRoom(outflow({ merchant: 'm_room', refundMinor: 251, nowMs: START_MS + HOUR }))).toBe(
        false,
      );
    });

    it('never pass the caps where many ask at once', async () => {
      const totalMaxMinor = 1_000;
      const ask = () => outflows.countOutflow(outflow({ currency: 'EUR', merchantMaxMinor: undefined, totalMaxMinor }));
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      const counted = answers.filter((answer) => answer === 'counted').length;
      expect(counted).toBeGreaterThan(0);
      expect(counted * 100).toBeLessThanOrEqual(totalMaxMinor);
    });

    it('count one attempt once where its runs ask at once', async () => {
      const one = outflow({ merchant: 'm_runs' });
      const answers = await Promise.all(Array.from({ length: 8 }, () => outflows.countOutflow(one)));
      expect(new Set(answers)).toEqual(new Set(['counted']));
      expect(await outflows.countOutflow(outflow({ merchant: 'm_runs', refundMinor: 150 }))).toBe('counted');
    });
  });
}
