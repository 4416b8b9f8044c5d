import { describe, expect, it } from 'vitest';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { keep } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { captured, charge } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

const BY_ANN = { by: 'ann', reason: 'a bad release' };

/** The budget of the hour is one refund's; the claim of the one at hand has died between budget and record. */
async function allocated() {
  const budgetPerHourMinor = { merchant: { CNY: 12_900 } };
  const world = refundWorld(configuration({ refunds: { budgetPerHourMinor } }));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  await world.deliver(captured(charge({ chargeId: 'other', order: 'o_2', payer: 'p_2' })));
  await world.deliver(captured(charge({ chargeId: 'again', order: 'o_2', payer: 'p_2' })));
  const dying = { grant: () => Promise.reject(new Error('died')) };
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  await expect(claim(attempt, { ...world, claims: dying })).rejects.toThrow('died');
  return { world, attempt };
}

async function expectRoom(world: RefundWorld): Promise<void> {
  expect(await world.work('again')).toMatchObject({ status: 'refunded' });
}

describe('a budget that was allocated for nothing is given back', () => {
  it('when a freeze is met before the claim', async () => {
    const { world, attempt } = await allocated();
    await freeze(BY_ANN, world);
    expect(await claim(attempt, world)).toMatchObject({ next: 'hold', waitsFor: ['frozen'] });
    await thaw(BY_ANN, world);
    await expectRoom(world);
  });

  it('when a person has kept the charge before the claim was asked for again', async () => {
    const { world, attempt } = await allocated();
    await keep({ flagId: attempt.flagId, by: 'ann', reason: 'it is meant' }, world);
    expect(await claim(attempt, world)).toMatchObject({ next: 'end' });
    await expectRoom(world);
  });

  it('when another run has concluded the attempt in between', async () => {
    const { world, attempt } = await allocated();
    world.processor.refuses = true;
    const late = {
      ...world,
      budgets: {
        ...world.budgets,
        allocate: async (allocation: Parameters<typeof world.budgets.allocate>[0]) => {
          if (world.flagOn('two').status === 'open') await world.work('two');
          return world.budgets.allocate(allocation);
        },
      },
    };
    expect(await claim(attempt, late)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'failed' });
    world.processor.refuses = false;
    await expectRoom(world);
  });
});

it('a claim that was granted keeps its budget while a freeze holds it', async () => {
  const { world, attempt } = await allocated();
  const dying = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  await expect(claim(attempt, { ...world, cases: dying })).rejects.toThrow('died');
  await freeze(BY_ANN, world);
  expect(await claim(attempt, world)).toMatchObject({ next: 'hold', waitsFor: ['frozen'] });
  await thaw(BY_ANN, world);
  expect(await assess({ flagId: world.flagOn('again').id, attempt: 0 }, world)).toMatchObject({ next: 'claim' });
  expect(await world.work('again')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
});
