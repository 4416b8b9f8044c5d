import { describe, expect, it } from 'vitest';
import { captured, charge, MINUTE, orderClosed, refunded, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const SOURCES = { [WALLET]: { ...UNATTESTED, attests: ['single-charge', 'closings'] } };
const attested = (shows: Readonly<Record<string, unknown>> = {}) => configuration({ sources: SOURCES, ...shows });
const one = charge({ chargeId: 'one', instrument: 'tok_1' });
const two = charge({ chargeId: 'two', instrument: 'tok_1' });

/** Lets `act` happen after the claim has read and judged, just before it is granted. */
function beforeGrant(world: ReturnType<typeof refundWorld>, act: () => Promise<void>): void {
  const { grant } = world.charges.claims;
  let isFirst = true;
  const acting: typeof grant = async (asked) => {
    if (isFirst) {
      isFirst = false;
      await act();
    }
    return grant(asked);
  };
  Object.assign(world, { claims: { ...world.charges.claims, grant: acting } });
}

describe('what a claim counts on is pinned until it is granted', () => {
  it('the last other charge of its order', async () => {
    const world = refundWorld(attested({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] }));
    const beside = { ...one, chargeId: 'other', order: 'o_2', amountMinor: 5 };
    await world.deliver(captured(one), captured(beside), captured({ ...two, order: 'o_2' }));
    beforeGrant(world, () => world.deliver(voided(beside)));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order'] } });
    expect(world.refunds.size).toBe(0);
  });

  it('the total of its order, where another detector decides', async () => {
    const world = refundWorld(attested({ detectors: [SAME_ORDER, { ...RAPID_REPEAT, action: 'refund' }] }));
    const beside = { ...one, chargeId: 'other', order: 'o_2', amountMinor: 5 };
    await world.deliver(captured(one), captured(beside), captured({ ...two, order: 'o_2' }));
    const total = { amountMinor: two.amountMinor, currency: 'CNY' };
    beforeGrant(world, () => world.deliver(orderClosed('paid', { source: WALLET, order: 'o_2', total })));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order'] } });
    expect(world.refunds.size).toBe(0);
  });

  it('a survivor of which nothing was returned', async () => {
    const world = refundWorld(attested());
    await world.deliver(captured(one), captured(two));
    beforeGrant(world, () => world.deliver(refunded(one, 900)));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['partly-returned'] } });
  });

  it('the closing that it rests on', async () => {
    const world = refundWorld(attested());
    await world.deliver(captured(two), orderClosed('unpaid', { source: WALLET, timeMs: START_MS + 30 * MINUTE }));
    const paid = orderClosed('paid', { source: WALLET, timeMs: START_MS + MINUTE });
    beforeGrant(world, () => world.deliver(paid));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['closing'] } });
  });

  it('and not that no copy comes meanwhile', async () => {
    const world = refundWorld(attested());
    await world.deliver(captured(one), captured(two));
    let grants = 0;
    beforeGrant(world, async () => {
      grants++;
      await world.deliver(captured({ ...one, chargeId: 'three' }));
    });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    expect(grants).toBe(1);
  });
});
