import { expect, it } from 'vitest';
import { endingsOf } from '../../../core/alerts/endings.ts';
import { asFlagId } from '../../../core/brands.ts';
import { verifyChain } from '../../../core/cases/audit.ts';
import { approve, keep } from '../../../core/refunds/decide-hold.ts';
import { markRefundedInError } from '../../../core/refunds/mark-refunded-in-error.ts';
import { captured, charge, orderClosed, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag } from '../../fixtures/flags.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const [one, two] = [charge({ chargeId: 'one' }), charge({ chargeId: 'two' })];

async function refunded(): Promise<
  RefundWorld & { statementBy(by: string): Parameters<typeof markRefundedInError>[0] }
> {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two));
  await world.work('two');
  const statementBy = (by: string) => ({
    flagId: world.flagOn('two').id,
    by,
    reason: 'two deliveries',
    evidence: 'waybill 7',
  });
  return Object.assign(world, { statementBy });
}

it('a refund made in error ends as refunded-in-error, with its evidence in the audit chain', async () => {
  const world = await refunded();
  const outcome = await markRefundedInError(world.statementBy('ann'), world);
  expect(outcome).toMatchObject({ kind: 'done', flag: { status: 'refunded-in-error' } });
  expect(world.flagOn('two')).toMatchObject({
    refundError: { by: 'ann', atMs: START_MS, reason: 'two deliveries', evidence: 'waybill 7' },
  });
  const audit = await world.cases.auditOf(world.flagOn('two').caseId);
  expect(audit.at(-1)).toMatchObject({
    actor: 'ann',
    from: 'refunded',
    to: 'refunded-in-error',
    reason: 'refunded in error: two deliveries (evidence: waybill 7)',
  });
  expect(verifyChain(audit, digests).kind).toBe('intact');
  expect(world.cases.allCases()).toMatchObject([{ status: 'resolved', refundedMinor: 12_900 }]);
});

it('it is stated once: the same person gets the same answer, another is refused', async () => {
  const world = await refunded();
  await markRefundedInError(world.statementBy('ann'), world);
  expect(await markRefundedInError(world.statementBy('ann'), world)).toMatchObject({
    kind: 'done',
    flag: { version: 4 },
  });
  expect(await markRefundedInError(world.statementBy('bob'), world)).toEqual({
    kind: 'refused',
    reason: 'not-refunded',
  });
});

it('it never opens again, whatever comes: no record has changed, and nobody decides on it any more', async () => {
  const world = await refunded();
  const before = [world.records.all(), world.windows.all()];
  await markRefundedInError(world.statementBy('ann'), world);
  expect([world.records.all(), world.windows.all()]).toEqual(before);
  const stated = world.flagOn('two');
  await world.deliver(captured(one), captured(two), orderClosed('unpaid'));
  expect(await approve(world.statementBy('bob'), world)).toEqual({ kind: 'refused', reason: 'not-held' });
  expect(await keep(world.statementBy('bob'), world)).toEqual({ kind: 'refused', reason: 'too-late' });
  await world.sweep();
  expect(world.flagOn('two')).toEqual(stated);
});

it('a charge that we did not refund cannot be refunded in error', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two));
  const statement = { flagId: world.flagOn('two').id, by: 'ann', reason: 'r', evidence: 'e' };
  expect(await markRefundedInError(statement, world)).toEqual({ kind: 'refused', reason: 'not-refunded' });
  const unknown = { ...statement, flagId: asFlagId('0'.repeat(32)) };
  expect(await markRefundedInError(unknown, world)).toEqual({ kind: 'refused', reason: 'unknown-flag' });
});

it('the endings of flags are counted by the detector that ruled them, and each once', () => {
  const changes = (
    from: 'held' | 'refunding' | 'refunded',
    to: 'kept' | 'refunded' | 'refunded-in-error',
    detector: string,
  ) => ({ kind: 'flag', before: flag({ status: from }), after: flag({ status: to, detector }) }) as const;
  const contested = {
    kind: 'flag',
    before: flag({ status: 'refunded' }),
    after: flag({ status: 'refunded' }),
  } as const;
  const endings = endingsOf([
    changes('refunding', 'refunded', 'same-order'),
    changes('refunding', 'refunded', 'same-order'),
    changes('refunded', 'refunded-in-error', 'same-order'),
    changes('held', 'kept', 'rapid-repeat'),
    contested,
  ]);
  expect(Object.fromEntries(endings)).toEqual({
    'same-order': { flagsRefunded: 2, flagsKept: 0, refundsInError: 1 },
    'rapid-repeat': { flagsRefunded: 0, flagsKept: 1, refundsInError: 0 },
  });
});
