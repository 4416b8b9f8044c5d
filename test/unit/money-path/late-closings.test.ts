import { describe, expect, it } from 'vitest';
import { captured, charge, DAY, HOUR, MINUTE, orderClosed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });

describe('a closing as unpaid', () => {
  it('that reaches the stream later than its detector remembers moves no money automatically', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(one), captured(two), voided(two, { timeMs: START_MS + MINUTE }));
    world.clock.nowMs = START_MS + 30 * DAY;
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + HOUR }));
    expect(await world.work('one')).toMatchObject({ status: 'held' });
    expect(world.refunds.size).toBe(0);
  });

  it('raises no expired flag to a refund: no approver answered for seven days', async () => {
    const coffee = (chargeId: string) => charge({ chargeId, order: `o_${chargeId}` });
    const world = refundWorld(configuration());
    await world.deliver(captured(coffee('one')), captured(coffee('two')));
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['empties-order', 'review'] } });
    world.clock.nowMs += 7 * DAY;
    await world.sweep();
    expect(world.flagOn('two')).toMatchObject({ status: 'expired' });
    await world.deliver(orderClosed('unpaid', { order: 'o_two', timeMs: START_MS + HOUR }));
    await world.work('two');
    expect(world.flagOn('two').status).not.toBe('refunded');
    expect(world.refunds.size).toBe(0);
  });
});
