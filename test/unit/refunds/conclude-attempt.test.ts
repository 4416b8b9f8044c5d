import { expect, it } from 'vitest';
import type { Flag } from '../../../core/cases/flag.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { concludeAttempt } from '../../../core/refunds/conclude-attempt.ts';
import { record } from '../../../core/refunds/record.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge, DAY, disputed, MINUTE, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const [ONE, TWO] = [charge({ chargeId: 'one' }), charge({ chargeId: 'two' })];
const SILENT = { reverse: async () => ({ kind: 'unknown', reason: 'lost' }) as const };
const REFUNDED = { kind: 'refunded', processorReference: 're_late' } as const;

/** Two charges for one order, of which the second's claim runs. */
async function claimed(world: RefundWorld): Promise<Flag> {
  await world.deliver(captured(ONE), captured(TWO));
  await claim({ flagId: world.flagOn('two').id, attempt: 0 }, world);
  return world.flagOn('two');
}

/** The world of a run of claim that has read the flag long ago. */
function late(world: RefundWorld, flag: Flag): RefundWorld {
  let reads = 0;
  const readFlags: typeof world.cases.readFlags = async (ids) => (reads++ === 0 ? [flag] : world.cases.readFlags(ids));
  return { ...world, cases: { ...world.cases, readFlags } };
}

function claimsIn(world: RefundWorld) {
  return world.store.all().flatMap(({ entries }) => entries.flatMap(({ ours }) => ours ?? []));
}

it('an outcome of an attempt that is over changes neither the windows nor the flag of the next one', async () => {
  const world = refundWorld(configuration());
  const first = await claimed(world);
  await world.deliver(disputed(TWO, 'open', { timeMs: START_MS + MINUTE }));
  await record({ flagId: first.id, attempt: 0, outcome: { kind: 'failed', reason: 'it is disputed' } }, world);
  await world.work('two');
  await world.deliver(disputed(TWO, 'merchant', { timeMs: START_MS + 2 * MINUTE }));
  await claim({ flagId: first.id, attempt: world.flagOn('two').attempt }, world);
  const [windows, flag] = [world.store.all(), world.flagOn('two')];
  expect(flag.status).toBe('refunding');
  expect(flag.attempt).toBeGreaterThan(first.attempt);

  await concludeAttempt(first, REFUNDED, world);
  expect(world.store.all()).toEqual(windows);
  expect(world.flagOn('two')).toEqual(flag);
});

it('an outcome that is recorded again changes nothing', async () => {
  const world = refundWorld(configuration());
  const running = await claimed(world);
  await concludeAttempt(running, REFUNDED, world);
  const [windows, flag] = [world.store.all(), world.flagOn('two')];
  expect(claimsIn(world)).toMatchObject(running.windows.map(() => ({ state: 'refunded' })));

  await concludeAttempt(running, REFUNDED, world);
  expect(world.store.all()).toEqual(windows);
  expect(world.flagOn('two')).toEqual(flag);
});

it('a refund that was made keeps its budget', async () => {
  const budgetPerHourMinor = { merchant: { CNY: TWO.amountMinor } };
  const world = refundWorld(configuration({ refunds: { budgetPerHourMinor } }));
  await concludeAttempt(await claimed(world), REFUNDED, world);
  const [other, again] = ['other', 'again'].map((chargeId) => charge({ chargeId, order: 'o_2', payer: 'p_2' }));
  if (other === undefined || again === undefined) throw new Error('there are two');
  await world.deliver(captured(other), captured(again));
  expect(await world.work('again')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
});

it('a claim for which the gateway was called is not given back, however old it is', async () => {
  const world = refundWorld(configuration());
  const { id: flagId } = await claimed(world);
  expect(await reverse({ flagId, attempt: 0 }, { ...world, gatewayOf: () => SILENT })).toMatchObject({ next: 'ask' });
  world.clock.nowMs += DAY;
  await world.deliver(voided(ONE));

  expect(await reverse({ flagId, attempt: 0, asked: 1 }, world)).toMatchObject({ next: 'record' });
  expect(world.refunds.size).toBe(1);
});

it('a run of claim that comes late to an attempt that failed leaves the failure to the windows and the flag to its step', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(ONE), captured(TWO));
  const open = world.flagOn('two');
  const attempt = { flagId: open.id, attempt: 0 };
  await claim(attempt, world);
  const dying = { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
  await expect(record({ ...attempt, outcome: { kind: 'failed', reason: 'no balance' } }, dying)).rejects.toThrow(
    'died',
  );
  const windows = world.store.all();

  expect(await claim(attempt, late(world, open))).toMatchObject({ next: 'end' });
  expect(world.store.all()).toEqual(windows);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding' });
});

it('a run of claim that comes late to its own grant is granted it again, and the call that was noted stays noted', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(ONE), captured(TWO));
  const open = world.flagOn('two');
  const attempt = { flagId: open.id, attempt: 0 };
  await claim(attempt, world);
  await reverse(attempt, { ...world, gatewayOf: () => SILENT });
  const windows = world.store.all();
  expect(claimsIn(world)).toMatchObject(open.windows.map(() => ({ state: 'claimed', called: true })));

  expect(await claim(attempt, late(world, open))).toMatchObject({ next: 'reverse' });
  expect(world.store.all()).toEqual(windows);
});

it('the next attempt does not overwrite the claim of the one before, which still runs', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(ONE), captured(TWO));
  const next: Flag = { ...world.flagOn('two'), attempt: 1 };
  await claim({ flagId: next.id, attempt: 0 }, world);
  const windows = world.store.all();

  expect(await claim({ flagId: next.id, attempt: 1 }, late(world, next))).toMatchObject({ next: 'end' });
  expect(world.store.all()).toEqual(windows);
  expect(world.flagOn('two')).toMatchObject({ status: 'refunding', attempt: 0 });
});

it('a claim that went back before its run died is not called for afterwards', async () => {
  const world = refundWorld(configuration());
  const { id: flagId } = await claimed(world);
  world.clock.nowMs += DAY;
  await world.deliver(voided(ONE));
  const dying = { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
  await expect(reverse({ flagId, attempt: 0 }, dying)).rejects.toThrow('died');

  expect(await reverse({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'end' });
  expect(world.flagOn('two')).toMatchObject({ status: 'dismissed', denial: 'given-back' });
  expect(world.refunds.size).toBe(0);
});

it('a claim that was granted a moment ago is called for without a second look', async () => {
  const world = refundWorld(configuration());
  const { id: flagId } = await claimed(world);
  await world.deliver(voided(ONE));
  expect(await reverse({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'record' });
});
