import { describe, expect, it } from 'vitest';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const stranger = (chargeId: string) => captured(charge({ chargeId, payer: `payer of ${chargeId}` }));

async function approved() {
  const world = refundWorld(configuration({ sources: { [WALLET]: UNATTESTED } }));
  await world.deliver(captured(one), captured(two));
  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['may-split'] } });
  const says = (by: string) => approve({ flagId: world.flagOn('two').id, by, reason: 'a copy' }, world);
  expect(await says('ann')).toMatchObject({ kind: 'done', flag: { approvals: [{ by: 'ann', saw: ['may-split'] }] } });
  return { world, says };
}

describe('an approval', () => {
  it('answers the reasons that it has seen', async () => {
    const { world } = await approved();
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });

  it('does not answer one that came since: the refund waits again, and the same approver may say so again', async () => {
    const { world, says } = await approved();
    await world.deliver(stranger('three'), stranger('four'));
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      approvals: [],
      wait: { waitsFor: ['may-split', 'common-order'] },
    });
    expect(world.refunds.size).toBe(0);
    expect(await says('ann')).toMatchObject({ kind: 'done' });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });
});
