import { expect, it } from 'vitest';
import { freeze } from '../../../core/refunds/freeze.ts';
import { releasedByThaw } from '../../../core/refunds/released-by-thaw.ts';
import { captured, charge, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const BY_ANN = { by: 'ann', reason: 'a bad release' };

/** One order of each merchant was charged twice while all refunds were frozen, and each refund was judged. */
async function frozenWorld(...merchants: readonly string[]): Promise<RefundWorld> {
  const world = refundWorld(configuration());
  await freeze(BY_ANN, world);
  for (const merchant of merchants) {
    const of = { merchant, order: `o of ${merchant}` };
    const [one, two] = ['one', 'two'].map((name) => charge({ ...of, chargeId: `${name} of ${merchant}` }));
    if (one === undefined || two === undefined) throw new Error('two charges');
    await world.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
    await world.work(two.chargeId);
  }
  return world;
}

it('counts the refunds that wait for the freeze alone, by currency', async () => {
  const world = await frozenWorld('m_1', 'm_2');
  const { amountMinor } = charge({ chargeId: 'any' });
  expect(await releasedByThaw(undefined, world)).toEqual({
    refunds: 2,
    minorByCurrency: { CNY: 2 * amountMinor },
    isCut: false,
  });
});

it('leaves out the merchants who stay frozen', async () => {
  const world = await frozenWorld('m_1', 'm_2');
  await freeze({ ...BY_ANN, merchant: 'm_2' }, world);
  expect(await releasedByThaw(undefined, world)).toMatchObject({ refunds: 1 });
  expect(await releasedByThaw('m_2', world)).toEqual({ refunds: 0, minorByCurrency: {}, isCut: false });
});
