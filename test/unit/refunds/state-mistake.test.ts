import { expect, it } from 'vitest';
import { endingsOf } from '../../../core/alerts/endings.ts';
import { verifyChain } from '../../../core/cases/audit.ts';
import { approve, keep } from '../../../core/refunds/decide-hold.ts';
import { stateMistake } from '../../../core/refunds/state-mistake.ts';
import { captured, charge, orderClosed, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag } from '../../fixtures/flags.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const [one, two] = [charge({ chargeId: 'one' }), charge({ chargeId: 'two' })];

async function refunded(): Promise<RefundWorld & { says(by: string): Parameters<typeof stateMistake>[0] }> {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two));
  await world.work('two');
  const says = (by: string) => ({
    flagId: world.flagOn('two').id,
    by,
    reason: 'two deliveries',
    evidence: 'waybill 7',
  });
  return Object.assign(world, { says });
}

it('a refund made in error ends as mistaken, with its evidence in the audit chain', async () => {
  const world = await refunded();
  const outcome = await stateMistake(world.says('ann'), world);
  expect(outcome).toMatchObject({ kind: 'done', flag: { status: 'mistaken' } });
  expect(world.flagOn('two')).toMatchObject({
    mistake: { by: 'ann', atMs: START_MS, reason: 'two deliveries', evidence: 'waybill 7' },
  });
  const audit = await world.cases.auditOf(world.flagOn('two').caseId);
  expect(audit.at(-1)).toMatchObject({
    actor: 'ann',
    from: 'refunded',
    to: 'mistaken',
    reason: 'refunded in error: two deliveries (evidence: waybill 7)',
  });
  expect(verifyChain(audit, digests).kind).toBe('intact');
  expect(world.cases.allCases()).toMatchObject([{ status: 'resolved', refundedMinor: 12_900 }]);
});

it('it is stated once: the same person gets the same answer, another is refused', async () => {
  const world = await refunded();
  await stateMistake(world.says('ann'), world);
  expect(await stateMistake(world.says('ann'), world)).toMatchObject({ kind: 'done', flag: { version: 4 } });
  expect(await stateMistake(world.says('bob'), world)).toEqual({ kind: 'refused', why: 'not-refunded' });
});

it('it never opens again, whatever comes: no window has changed, and nobody decides on it any more', async () => {
  const world = await refunded();
  const before = world.store.all();
  await stateMistake(world.says('ann'), world);
  expect(world.store.all()).toEqual(before);
  const stated = world.flagOn('two');
  await world.deliver(captured(one), captured(two), orderClosed('unpaid'));
  expect(await approve(world.says('bob'), world)).toEqual({ kind: 'refused', why: 'not-held' });
  expect(await keep(world.says('bob'), world)).toEqual({ kind: 'refused', why: 'too-late' });
  await world.sweep();
  expect(world.flagOn('two')).toEqual(stated);
});

it('what was not refunded by us cannot be a mistake of ours', async () => {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two));
  const statement = { flagId: world.flagOn('two').id, by: 'ann', reason: 'r', evidence: 'e' };
  expect(await stateMistake(statement, world)).toEqual({ kind: 'refused', why: 'not-refunded' });
  const unknown = { ...statement, flagId: '0'.repeat(32) };
  expect(await stateMistake(unknown, world)).toEqual({ kind: 'refused', why: 'unknown-flag' });
});

it('the endings of flags are counted by the detector that ruled them, and each once', () => {
  const news = (from: 'held' | 'refunding' | 'refunded', to: 'kept' | 'refunded' | 'mistaken', detector: string) =>
    ({ kind: 'flag', before: flag({ status: from }), after: flag({ status: to, detector }) }) as const;
  const contested = {
    kind: 'flag',
    before: flag({ status: 'refunded' }),
    after: flag({ status: 'refunded' }),
  } as const;
  const endings = endingsOf([
    news('refunding', 'refunded', 'same-order'),
    news('refunding', 'refunded', 'same-order'),
    news('refunded', 'mistaken', 'same-order'),
    news('held', 'kept', 'rapid-repeat'),
    contested,
  ]);
  expect(Object.fromEntries(endings)).toEqual({
    'same-order': { flagsRefunded: 2, flagsKept: 0, refundsMistaken: 1 },
    'rapid-repeat': { flagsRefunded: 0, flagsKept: 1, refundsMistaken: 0 },
  });
});
