import { describe, expect, it } from 'vitest';
import { createMemoryBudgets } from '../../../adapters/memory/budgets.ts';
import { isCalled } from '../../../core/detection/charge-record.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { AMOUNT_MINOR, captured, charge, HOUR, MINUTE, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const CAP = { capPerHourMinor: { total: { CNY: AMOUNT_MINOR } } };

/** The hour's cap is used up by `copy_0`; `copy_1` has its claim, because the budgets have forgotten the hour. */
async function claimedBeyondCap() {
  const world = refundWorld(configuration({ refunds: CAP }));
  for (const n of [0, 1]) {
    const one = charge({ chargeId: `one_${n}`, order: `o_${n}`, payer: `p_${n}` });
    await world.deliver(captured(one), captured({ ...one, chargeId: `copy_${n}` }));
  }
  await world.work('copy_0');
  const noted: object[] = [];
  Object.assign(world, { budgets: createMemoryBudgets(), noteBeyondCap: (refund: object) => noted.push(refund) });
  const attempt = { flagId: world.flagOn('copy_1').id, attempt: 0 };
  expect(await claim(attempt, world)).toMatchObject({ next: 'reverse' });
  return { world, attempt, noted };
}

describe('a claimed refund beyond the cap of the hour', () => {
  it('is not called for, waits for the next hour and alarms', async () => {
    const { world, attempt, noted } = await claimedBeyondCap();
    expect(await reverse(attempt, world)).toEqual({ ...attempt, next: 'ask', waitSeconds: 900, asked: 0 });
    expect(noted).toEqual([{ flagId: attempt.flagId, currency: 'CNY', amountMinor: AMOUNT_MINOR }]);
    expect(world.refunds.size).toBe(1);
    world.clock.nowMs += 50 * MINUTE;
    expect(await reverse(attempt, world)).toMatchObject({ next: 'ask', waitSeconds: 600 });
    world.clock.nowMs += 10 * MINUTE;
    expect(await reverse(attempt, world)).toMatchObject({ next: 'record', outcome: { kind: 'refunded' } });
  });

  it('is returned where its charge is voided while it waits', async () => {
    const { world, attempt } = await claimedBeyondCap();
    await reverse(attempt, world);
    const record = world.records.all().find(({ id }) => id === attempt.flagId);
    expect(isCalled(record?.ours)).toBe(false);
    await world.deliver(voided(charge({ chargeId: 'copy_1' }), { timeMs: world.clock.nowMs + MINUTE }));
    world.clock.nowMs += HOUR;
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('copy_1')).toMatchObject({ status: 'dismissed' });
    expect(world.refunds.size).toBe(1);
  });

  it('is asked for again after its call, also where the hour is full', async () => {
    const world = refundWorld(configuration({ refunds: CAP }));
    await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    await claim(attempt, world);
    let calls = 0;
    const gatewayOf = () => ({
      ...world.gatewayOf('any'),
      reverse: async () =>
        ++calls < 3 ? { kind: 'pending' as const } : { kind: 'refunded' as const, processorReference: 'r' },
    });
    const slow = { ...world, gatewayOf };
    expect([(await reverse(attempt, slow)).next, (await reverse(attempt, slow)).next]).toEqual(['ask', 'ask']);
    expect(await reverse(attempt, slow)).toMatchObject({ next: 'record', outcome: { kind: 'refunded' } });
    expect(world.outflows.all()).toHaveLength(1);
  });

  it('is returned where the whole cap has come to be below it: an approver is asked in the next attempt', async () => {
    const { world, attempt } = await claimedBeyondCap();
    const lowered = configuration({ refunds: { capPerHourMinor: { total: { CNY: AMOUNT_MINOR - 1 } } } });
    expect(await reverse(attempt, { ...world, configuration: lowered })).toMatchObject({ next: 'end' });
    expect(world.flagOn('copy_1')).toMatchObject({ status: 'open', attempt: 1 });
    expect(world.refunds.size).toBe(1);
  });

  it('is asked for on after its call, also where the limit was lowered meanwhile', async () => {
    const world = refundWorld(configuration({ refunds: CAP }));
    await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    await claim(attempt, world);
    const pending = { ...world.gatewayOf('any'), reverse: async () => ({ kind: 'pending' as const }) };
    expect(await reverse(attempt, { ...world, gatewayOf: () => pending })).toMatchObject({ next: 'ask' });
    const lowered = { ...world, configuration: configuration({ refunds: { ...CAP, limitMinor: { CNY: 1 } } }) };
    expect(await reverse({ ...attempt, asked: 1 }, lowered)).toMatchObject({ next: 'record' });
  });
});
