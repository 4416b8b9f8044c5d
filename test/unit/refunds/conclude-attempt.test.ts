import { describe, expect, it } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import type { Attempt } from '../../../core/refunds/attempt.ts';
import { claim } from '../../../core/refunds/claim.ts';
import type { Reservation } from '../../../core/refunds/claim-store.ts';
import { concludeAttempt } from '../../../core/refunds/conclude-attempt.ts';
import { record } from '../../../core/refunds/record.ts';
import type { RefundGateway } from '../../../core/refunds/refund-gateway.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge, DAY, disputed, MINUTE, orderClosed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { foundAsTold, type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const [ONE, TWO] = [charge({ chargeId: 'one' }), charge({ chargeId: 'two' })];
const SILENT: RefundGateway = {
  lookup: async (charge) => foundAsTold(charge),
  reverse: async () => ({ kind: 'unknown', reason: 'lost' }),
};
const REFUNDED = { kind: 'refunded', processorReference: 're_late' } as const;

/** Two charges for one order; the second one's flag is open. */
async function opened() {
  const world = refundWorld(configuration());
  await world.deliver(captured(ONE), captured(TWO));
  const open = world.flagOn('two');
  return { world, open, attempt: { flagId: open.id, attempt: open.attempt } };
}

/** The same after its claim was granted. */
async function claimed() {
  const { world, open, attempt } = await opened();
  await claim(attempt, world);
  return { world, open, attempt, running: world.flagOn('two') };
}

/** The same world, for a run that dies before it writes a flag. */
function dying(world: RefundWorld): RefundWorld {
  return { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
}

/** The same world, for a run that read the flag before it changed. */
function late(world: RefundWorld, flag: Flag): RefundWorld {
  let reads = 0;
  const readFlags: typeof world.cases.readFlags = async (ids) => (reads++ === 0 ? [flag] : world.cases.readFlags(ids));
  return { ...world, cases: { ...world.cases, readFlags } };
}

function stored(world: RefundWorld) {
  return { records: world.records.all(), windows: world.windows.all(), flag: world.flagOn('two') };
}

/** The reservation of the second charge's first attempt, as someone has changed it. */
function mine(amountMinor: number, currency: string) {
  const charge = { source: TWO.source, chargeId: TWO.chargeId };
  return async (attempt: Attempt) => ({ ...attempt, charge, amountMinor, currency });
}

function claimsIn(world: RefundWorld) {
  return world.records.all().flatMap(({ ours }) => ours ?? []);
}

describe('concludeAttempt', () => {
  it('leaves the record and the flag of the next attempt alone when an older failure arrives', async () => {
    const { world, attempt, running } = await claimed();
    await world.deliver(disputed(TWO, 'open', { timeMs: START_MS + MINUTE }));
    await record({ ...attempt, outcome: { kind: 'failed', reason: 'it is disputed' } }, world);
    await world.work('two');
    await world.deliver(disputed(TWO, 'merchant', { timeMs: START_MS + 2 * MINUTE }));
    await claim({ ...attempt, attempt: world.flagOn('two').attempt }, world);
    const before = stored(world);
    expect(before.flag.status).toBe('refunding');
    expect(before.flag.attempt).toBeGreaterThan(running.attempt);

    await concludeAttempt(running, { kind: 'failed', reason: 'it is disputed' }, world);
    expect(stored(world)).toEqual(before);
  });

  it('changes nothing when it runs again', async () => {
    const { world, running } = await claimed();
    await concludeAttempt(running, REFUNDED, world);
    const before = stored(world);
    expect(claimsIn(world)).toMatchObject([{ state: 'refunded' }]);

    await concludeAttempt(running, REFUNDED, world);
    expect(stored(world)).toEqual(before);
  });

  it('keeps the budget of a refund that was made', async () => {
    const world = refundWorld(
      configuration({ refunds: { budgetPerHourMinor: { merchant: { CNY: TWO.amountMinor } } } }),
    );
    await world.deliver(captured(ONE), captured(TWO));
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
    const another = { order: 'o_2', payer: 'p_2' };
    await world.deliver(
      captured(charge({ chargeId: 'other', ...another })),
      captured(charge({ chargeId: 'again', ...another })),
    );
    expect(await world.work('again')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
  });
});

describe('reverse', () => {
  it('does not return a claim after it called the gateway, however old the claim is', async () => {
    const { world, attempt } = await claimed();
    expect(await reverse(attempt, { ...world, gatewayOf: () => SILENT })).toMatchObject({ next: 'ask' });
    world.clock.nowMs += DAY;
    await world.deliver(voided(ONE));

    expect(await reverse({ ...attempt, asked: 1 }, world)).toMatchObject({ next: 'record' });
    expect(world.refunds.size).toBe(1);
  });

  it('does not call the gateway for a claim that a run returned before it died', async () => {
    const { world, attempt } = await claimed();
    world.clock.nowMs += DAY;
    await world.deliver(voided(ONE));
    await expect(reverse(attempt, dying(world))).rejects.toThrow('died');

    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'dismissed', denial: 'given-back' });
    expect(world.refunds.size).toBe(0);
  });

  it('does not call the gateway for an attempt whose claim another attempt has replaced', async () => {
    const { world, attempt, running } = await claimed();
    world.clock.nowMs += DAY;
    await world.deliver(voided(ONE));
    await reverse(attempt, world);
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + DAY }));
    const next = world.flagOn('two').attempt;
    expect(next).toBeGreaterThan(running.attempt);
    expect(await claim({ ...attempt, attempt: next }, world)).toMatchObject({ next: 'reverse' });

    expect(await reverse(attempt, late(world, running))).toMatchObject({ next: 'end' });
    expect(world.refunds.size).toBe(0);
    expect(world.flagOn('two')).toMatchObject({ status: 'refunding', attempt: next });
  });

  const FORGOTTEN = async () => ({ record: undefined, version: 0 });
  const OTHERS: Reservation = {
    flagId: asFlagId('another'),
    attempt: 0,
    charge: { source: ONE.source, chargeId: 'one' },
    amountMinor: ONE.amountMinor,
    currency: 'CNY',
  };
  it.each<[string, (world: RefundWorld) => Partial<RefundWorld>, RegExp]>([
    [
      'the record has forgotten the claim',
      ({ records }) => ({
        records: { ...records, readRecords: (ids) => Promise.all(ids.map(FORGOTTEN)) },
      }),
      /does not have the claim of this attempt/,
    ],
    [
      'the reservation is missing',
      ({ reservations }) => ({ reservations: { ...reservations, readReservation: async () => undefined } }),
      /no reservation/,
    ],
    [
      'the reservation is of another charge',
      ({ reservations }) => ({ reservations: { ...reservations, readReservation: async () => OTHERS } }),
      /no reservation/,
    ],
    [
      'the reservation is of another amount',
      ({ reservations }) => ({ reservations: { ...reservations, readReservation: mine(1, 'CNY') } }),
      /no reservation/,
    ],
    [
      'the reservation is in another currency',
      ({ reservations }) => ({ reservations: { ...reservations, readReservation: mine(TWO.amountMinor, 'JPY') } }),
      /no reservation/,
    ],
  ])('asks an approver instead of the gateway when %s', async (_, forget, reason) => {
    const { world, attempt } = await claimed();
    expect(await reverse(attempt, { ...world, ...forget(world) })).toMatchObject({ next: 'end' });
    expect(world.refunds.size).toBe(0);
    expect(world.flagOn('two')).toMatchObject({ status: 'refunding', unanswered: true });
    const audit = await world.cases.auditOf(world.flagOn('two').caseId);
    expect(audit.at(-1)?.reason).toMatch(reason);
  });

  it('does not ask the gateway again for an attempt that failed: the flag learns of it', async () => {
    const { world, attempt } = await claimed();
    const failure = { ...attempt, outcome: { kind: 'failed', reason: 'no balance' } } as const;
    await expect(record(failure, dying(world))).rejects.toThrow('died');

    const reversed = await reverse(attempt, world);
    expect(reversed).toMatchObject({ next: 'record', outcome: { kind: 'failed' } });
    expect(world.refunds.size).toBe(0);
    if (reversed.next === 'record') await record(reversed, world);
    expect(world.flagOn('two')).toMatchObject({ status: 'failed' });
  });

  it('returns a fresh claim whose survivor has gone: no record can confirm its refund', async () => {
    const { world, attempt } = await claimed();
    await world.deliver(voided(ONE));
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'dismissed', denial: 'given-back' });
    expect(world.refunds.size).toBe(0);
  });
});

describe('a late run of claim', () => {
  it('leaves a failure in the record, and its flag to the step that records it', async () => {
    const { world, open, attempt } = await claimed();
    const failure = { ...attempt, outcome: { kind: 'failed', reason: 'no balance' } } as const;
    await expect(record(failure, dying(world))).rejects.toThrow('died');
    const before = stored(world);

    expect(await claim(attempt, late(world, open))).toMatchObject({ next: 'end' });
    expect(stored(world)).toEqual(before);
  });

  it('gets its own grant again and leaves the note that the gateway was called', async () => {
    const { world, open, attempt } = await claimed();
    await reverse(attempt, { ...world, gatewayOf: () => SILENT });
    const before = stored(world);
    expect(claimsIn(world)).toMatchObject([{ state: 'claimed', called: true }]);

    expect(await claim(attempt, late(world, open))).toMatchObject({ next: 'reverse' });
    expect(stored(world)).toEqual(before);
  });

  it('does not overwrite the claim of an earlier attempt that still runs', async () => {
    const { world, open, attempt } = await claimed();
    const before = stored(world);
    const next = { ...open, attempt: 1 };
    expect(await claim({ ...attempt, attempt: 1 }, late(world, next))).toMatchObject({ next: 'end' });
    expect(stored(world)).toEqual(before);
  });
});
