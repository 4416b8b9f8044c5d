import { describe, expect, it } from 'vitest';
import type { Charge } from '../../../core/events/payment-event.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, refunded, SECOND, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const sources = { [WALLET]: { ...UNATTESTED, attests: ['single-charge'] } };
const REPEATS = { ...RAPID_REPEAT, action: 'refund' };
const rulesWith = (...detectors: readonly object[]) => configuration({ sources, detectors });
const one = charge({ chargeId: 'one' });

/** A repeat that only another detector than the order's can find. */
async function repeated(rules: ReturnType<typeof rulesWith>, shows: Partial<Charge> = { order: 'o_2' }) {
  const world = refundWorld(rules);
  const two = { ...one, chargeId: 'two', ...shows };
  await world.deliver(captured({ ...one, mcc: shows.mcc }), captured(two, { timeMs: START_MS + SECOND }));
  return { world, two };
}

const WAITS = { status: 'held', wait: { waitsFor: ['empties-order'] } };

describe('a charge with an order that no window of orders remembers', () => {
  it('waits where no detector is the order’s own, and an approver who saw that can let it go', async () => {
    const { world, two } = await repeated(rulesWith(REPEATS));
    expect(await world.work('two')).toMatchObject(WAITS);
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: `${two.order} was paid twice` }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });

  it('waits where the order’s detector exempts it', async () => {
    const exempt = { ...SAME_ORDER, exempt: { mcc: ['4111'] } };
    const { world } = await repeated(rulesWith(exempt, { ...REPEATS, exempt: undefined }), {
      order: 'o_2',
      mcc: '4111',
    });
    expect(await world.work('two')).toMatchObject(WAITS);
  });

  it('waits where a later event has named the order', async () => {
    const { world, two } = await repeated(rulesWith(SAME_ORDER, REPEATS), { order: undefined });
    await world.deliver(refunded({ ...two, order: 'o_2' }, 0));
    expect(await world.work('two')).toMatchObject(WAITS);
  });

  it('is refunded where it has no order', async () => {
    const { world } = await repeated(rulesWith(REPEATS), { order: undefined });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('is refunded where its detector finds copies within one order', async () => {
    const within = { ...REPEATS, key: ['payer', 'merchant', 'order', 'amount', 'currency'] };
    const { world } = await repeated(rulesWith(within), {});
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('waits where its detector takes several spellings for one order', async () => {
    const loose = {
      ...REPEATS,
      key: ['payer', 'merchant', 'order', 'amount', 'currency'],
      normalise: { order: ['case'] },
    };
    const { world } = await repeated(rulesWith(loose), { order: one.order?.toUpperCase() });
    expect(await world.work('two')).toMatchObject(WAITS);
  });
});
