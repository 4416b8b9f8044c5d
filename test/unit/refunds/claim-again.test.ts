import { expect, it } from 'vitest';
import { createMemoryApprovalMacs } from '../../../adapters/memory/approval-macs.ts';
import { createMemoryBudgets } from '../../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../../adapters/memory/cap-raises.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../../adapters/memory/lag-store.ts';
import { asFlagId } from '../../../core/brands.ts';
import { type AssessContext, assess } from '../../../core/refunds/assess.ts';
import { type ClaimContext, claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import {
  arrival,
  captured,
  charge,
  DAY,
  disputed,
  MINUTE,
  refunded,
  START_MS,
  voided,
} from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

it('a surplus that comes back between assessment and claim waits for the person that was never asked', async () => {
  const context = detectionContext(configuration());
  const refunds: AssessContext & ClaimContext = {
    ...context,
    attestedSince: async () => new Map(),
    approvalMacs: createMemoryApprovalMacs(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
    gatewayOf: refundWorld(configuration()).gatewayOf,
  };
  const coffee = (chargeId: string) => charge({ chargeId, order: undefined });
  const arrive = async (event: Parameters<typeof arrival>[0]) => {
    await judgeAndRaise([arrival(event)], context);
  };
  await arrive(captured(coffee('a')));
  await arrive(captured(coffee('b'), { timeMs: START_MS + MINUTE }));
  const attempt = { flagId: context.cases.allFlags()[0]?.id ?? asFlagId(''), attempt: 0 };

  await arrive(disputed(coffee('a'), 'open', { timeMs: START_MS + MINUTE }));
  expect(await assess(attempt, refunds)).toMatchObject({ next: 'claim' });
  await arrive(disputed(coffee('a'), 'merchant', { timeMs: START_MS + 2 * MINUTE }));

  expect(await claim(attempt, refunds)).toMatchObject({ next: 'hold', waitsFor: ['review'] });
  expect(context.cases.allFlags()).toMatchObject([{ status: 'open' }]);
});

it('a finished refund keeps the amount of its claim in its record and its reservation', async () => {
  const world = refundWorld(configuration());
  const two = charge({ chargeId: 'two' });
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(two), refunded(two, 900));
  expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['partly-returned'] } });
  await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'the rest is one too many' }, world);
  expect(await world.work('two')).toMatchObject({ status: 'refunded', refundMinor: 12_000, restsOn: ['approval'] });

  const claims = world.records.all().flatMap(({ ours }) => ours ?? []);
  expect(claims).toEqual([
    { attempt: 0, state: 'refunded', refundMinor: 12_000, atMs: world.nowMs(), restsOn: ['approval'] },
  ]);
  expect(world.reservations.all()).toMatchObject([{ attempt: 0, amountMinor: 12_000, currency: 'CNY' }]);
});

it('a claim whose flag learns of it late is as old as it is: it goes back when its original was voided meanwhile', async () => {
  const world = refundWorld(configuration());
  const one = charge({ chargeId: 'one' });
  await world.deliver(captured(one), captured(charge({ chargeId: 'two' })));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  const dying = { ...world.cases, commit: () => Promise.reject(new Error('died')) };
  await expect(claim(attempt, { ...world, cases: dying })).rejects.toThrow('died');
  world.clock.nowMs += DAY;
  await world.deliver(voided(one));

  expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'given-back' });
  expect(world.refunds.size).toBe(0);
});
