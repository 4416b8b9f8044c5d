import { describe, expect, it } from 'vitest';
import type { Asked, ReasonToWait } from '../../../core/cases/flag.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve, keep } from '../../../core/refunds/decide-hold.ts';
import { dispatch } from '../../../core/refunds/dispatch.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { escalateHold, overdue } from '../../../core/refunds/overdue-hold.ts';
import { captured, charge, DAY, HOUR, orderClosed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { flag, wait } from '../../fixtures/flags.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const DEFAULTS = configuration();
const coffee = (chargeId: string) => charge({ chargeId, order: `o_${chargeId}` });

/** The second of two equal payments, held for review, when nobody has answered for so long. */
async function unanswered(forMs: number): Promise<RefundWorld> {
  const world = refundWorld(configuration({ refunds: { twoPeopleAboveMinor: { CNY: 20_000 } } }));
  await world.deliver(captured(coffee('one')), captured(coffee('two')));
  await world.work('two');
  world.clock.nowMs += forMs;
  return world;
}

describe('a hold', () => {
  it.each<[string, number, readonly ReasonToWait[], Partial<Asked>, string]>([
    ['is not overdue at once', 0, ['review'], {}, 'no'],
    ['escalates after a day', DAY, ['review'], {}, 'escalate'],
    ['escalates once', 3 * DAY, ['review'], { escalatedAtMs: START_MS + DAY }, 'no'],
    ['expires after seven', 7 * DAY, ['review'], { escalatedAtMs: START_MS + DAY }, 'expire'],
    ['expires though it was never notified', 8 * DAY, ['limit'], {}, 'expire'],
    ['for people is one also while refunds are frozen', DAY, ['frozen', 'review'], {}, 'escalate'],
    ['of a freeze alone asks nobody', 90 * DAY, ['frozen'], {}, 'no'],
    ['of a budget alone asks nobody', 90 * DAY, ['budget', 'frozen'], {}, 'no'],
  ])('%s', (_, waitedMs, waitsFor, shows, expected) => {
    const held = flag({ status: 'held', wait: wait({ waitsFor, asked: { sinceMs: START_MS, ...shows } }) });
    expect(overdue(held, DEFAULTS, START_MS + waitedMs).due).toBe(expected);
  });

  it('that has ended is not overdue', () => {
    const approved = flag({ status: 'approved', wait: wait({ asked: { sinceMs: START_MS } }) });
    expect(overdue(approved, DEFAULTS, START_MS + 90 * DAY).due).toBe('no');
  });

  it('of an approved refund that a freeze stops is no wait for people', async () => {
    const world = await unanswered(0);
    await freeze({ by: 'ann', reason: 'a bad release' }, world);
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'looked' }, world);
    await world.work('two');
    world.clock.nowMs += 30 * DAY;
    expect(world.flagOn('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['frozen'] } });
    expect(await world.sweep()).toMatchObject({ escalated: 0, expired: 0 });
  });
});

describe('a hold that nobody answers', () => {
  it('is escalated by the sweep, once, and goes on waiting', async () => {
    const world = await unanswered(DAY);
    expect(await world.sweep()).toMatchObject({ escalated: 1, expired: 0 });
    expect(await world.sweep()).toMatchObject({ escalated: 0, expired: 0 });
    expect(world.flagOn('two')).toMatchObject({ status: 'held', wait: { asked: { escalatedAtMs: START_MS + DAY } } });
  });

  it('expires: its workflow ends, no money moves, and the case stays open', async () => {
    const world = await unanswered(7 * DAY);
    expect(await world.sweep()).toMatchObject({ expired: 1 });
    const expired = world.flagOn('two');
    expect(expired).toMatchObject({ status: 'expired', attempt: 0 });
    expect(await dispatch(expired, world)).toBe('woken');
    expect(await assess({ flagId: expired.id, attempt: 0 }, world)).toMatchObject({ next: 'end' });
    expect(world.cases.allCases()).toMatchObject([{ status: 'open', unresolved: 1 }]);
    for (let day = 0; day < 30; day++) {
      world.clock.nowMs += DAY;
      await world.sweep();
      await world.deliver(captured(coffee('two')));
      await world.work('two');
    }
    expect(world.flagOn('two')).toEqual(expired);
    expect(world.refunds.size).toBe(0);
  });

  it('does not expire where a person was faster', async () => {
    const world = await unanswered(7 * DAY);
    const before = world.flagOn('two');
    await approve({ flagId: before.id, by: 'ann', reason: 'looked' }, world);
    expect(await escalateHold(before, world)).toMatchObject({ status: 'approved' });
  });
});

describe('an expired flag', () => {
  async function expired(): Promise<RefundWorld & { by(name: string): Parameters<typeof approve>[0] }> {
    const world = await unanswered(7 * DAY);
    await world.sweep();
    world.clock.nowMs += HOUR;
    return Object.assign(world, { by: (by: string) => ({ flagId: world.flagOn('two').id, by, reason: 'at last' }) });
  }

  it('is approved late: opened anew, with the approval, and refunded under the next attempt', async () => {
    const world = await expired();
    expect(await approve(world.by('ann'), world)).toMatchObject({ kind: 'done', flag: { status: 'open', attempt: 1 } });
    expect(await approve(world.by('ann'), world)).toMatchObject({ kind: 'done', flag: { attempt: 1 } });
    expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
    expect([...world.refunds.keys()]).toEqual([`${world.flagOn('two').id}-1`]);
  });

  it('is kept late: then no money ever moves', async () => {
    const world = await expired();
    expect(await keep(world.by('ann'), world)).toMatchObject({ kind: 'done', flag: { status: 'kept' } });
    expect(world.cases.allCases()).toMatchObject([{ status: 'resolved' }]);
  });

  it('is dismissed without people when its charge is surplus no more', async () => {
    const world = await expired();
    await world.deliver(voided(coffee('one')));
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1, action: 'review' });
    expect(await world.work('two')).toMatchObject({ status: 'dismissed', denial: 'no-surplus' });
    expect(world.refunds.size).toBe(0);
  });

  it('stays expired where its order closes unpaid, under the detector of the order', async () => {
    const world = await expired();
    await world.deliver(orderClosed('unpaid', { order: 'o_two' }));
    expect(world.flagOn('two')).toMatchObject({ status: 'expired', attempt: 0, detector: 'same-order' });
    await world.work('two');
    expect(world.refunds.size).toBe(0);
  });
});

it('an expired flag above the limit opens anew where two approve it after its expiry, one of them for the second time', async () => {
  const world = refundWorld(configuration({ refunds: { twoPeopleAboveMinor: { CNY: 100 } } }));
  await world.deliver(captured(coffee('one')), captured(coffee('two')));
  const { id: flagId } = await world.work('two');
  await approve({ flagId, by: 'ann', reason: 'in time' }, world);
  world.clock.nowMs += 8 * DAY;
  await world.sweep();
  expect(await approve({ flagId, by: 'bob', reason: 'late' }, world)).toMatchObject({ kind: 'needs-another' });
  expect(world.flagOn('two')).toMatchObject({ status: 'expired', attempt: 0, approvals: [{ by: 'bob' }] });
  // A late step of the expired attempt leaves the approval of the next one as it is.
  expect(await claim({ flagId, attempt: 0 }, world)).toMatchObject({ next: 'end' });
  expect(world.flagOn('two')).toMatchObject({ approvals: [{ by: 'bob' }] });
  expect(await approve({ flagId, by: 'ann', reason: 'again' }, world)).toMatchObject({ kind: 'done' });
  expect(await world.work('two')).toMatchObject({ status: 'refunded', attempt: 1 });
});
