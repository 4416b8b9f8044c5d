import { expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { captured, charge, DAY, disputed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

const BY_ANN = { by: 'ann', reason: 'a bad release' };
const two = charge({ chargeId: 'two' });
const later = { timeMs: START_MS + DAY };

/** The claim was granted, a freeze came before the first call, and the event comes while it lasts. */
async function afterFreeze(event: ReturnType<typeof voided>, isApproved: boolean) {
  const world = refundWorld(configuration(isApproved ? { refunds: { limitMinor: { CNY: 1 } } } : {}));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two));
  if (isApproved) {
    await world.work('two');
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'looked' }, world);
  }
  expect(await claim({ flagId: world.flagOn('two').id, attempt: 0 }, world)).toMatchObject({ next: 'reverse' });
  await freeze(BY_ANN, world);
  world.clock.nowMs += 2 * DAY;
  await world.deliver(event);
  await thaw(BY_ANN, world);
  await world.work('two');
  return world;
}

/** The processor's lookup need not know of the dispute (a webhook, an approved refund without a lookup): our record does. */
it.each([
  ['disputed', false, disputed(two, 'open', later)],
  ['disputed', true, disputed(two, 'open', later)],
  ['voided', false, voided(two, later)],
  ['voided', true, voided(two, later)],
] as const)(
  'a charge that is %s between claim and first call is not called for (approved: %s)',
  async (_, isApproved, event) => {
    const world = await afterFreeze(event, isApproved);
    expect(world.refunds.size).toBe(0);
  },
);
