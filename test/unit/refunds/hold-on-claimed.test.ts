import { expect, it } from 'vitest';
import type { ReasonToWait } from '../../../core/cases/flag.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { hold } from '../../../core/refunds/hold.ts';
import { captured, charge, DAY } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

/** The claim of `two` was granted, and its run died before the flag knew; then an older run of the hold goes on. */
async function heldAfterGrant(waitsFor: readonly ReasonToWait[]) {
  const world = refundWorld(configuration());
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  const cases: typeof world.cases = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  await expect(claim(attempt, { ...world, cases })).rejects.toThrow('died');
  const woken: string[] = [];
  const wake = async (token: string) => {
    woken.push(token);
    return 'woken' as const;
  };
  await hold({ ...attempt, waitsFor, token: 'late' }, { ...world, wake });
  return { world, woken };
}

it('a claim that was granted waits for no approver: its hold would expire and leave it granted for ever', async () => {
  const { world, woken } = await heldAfterGrant(['may-split', 'frozen']);
  expect(world.flagOn('two').status).toBe('open');
  expect(woken).toEqual(['late']);
  expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 0 });
});

it('a claim that was granted waits for the end of a freeze', async () => {
  const { world, woken } = await heldAfterGrant(['frozen']);
  expect(world.flagOn('two').status).toBe('held');
  expect(woken).toEqual([]);
});

it('what waits for an approver already goes on to wait, and wakes no workflow in circles', async () => {
  const { world, woken } = await heldAfterGrant(['frozen']);
  const { id: flagId } = world.flagOn('two');
  const wake = async (token: string) => {
    woken.push(token);
    return 'woken' as const;
  };
  await hold({ flagId, attempt: 0, waitsFor: ['may-split', 'frozen'], token: 'later' }, { ...world, wake });
  expect(world.flagOn('two')).toMatchObject({ status: 'held', wait: { token: 'later' } });
  expect(woken).toEqual([]);
});

it('one that waits for an approver beside it goes on instead of ending unanswered', async () => {
  const { world } = await heldAfterGrant(['frozen']);
  const { id: flagId } = world.flagOn('two');
  await hold({ flagId, attempt: 0, waitsFor: ['may-split'], token: 'later' }, { ...world, wake: async () => 'woken' });
  expect(world.flagOn('two')).toMatchObject({ status: 'held', wait: { asked: { sinceMs: world.nowMs() } } });
  world.clock.nowMs += 8 * DAY;
  expect(await world.sweep()).toMatchObject({ released: 1, escalated: 0, expired: 0 });
  expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 0 });
});
