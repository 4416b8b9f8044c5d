import { describe, expect, it } from 'vitest';
import { reasonsOf } from '../../../core/cases/sentences.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import type { Lookup } from '../../../core/refunds/refund-gateway.ts';
import { captured, charge, HOUR, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { foundAsTold, refundWorld } from '../../fixtures/refund-world.ts';

const SILENCE: Lookup = { kind: 'unknown', reason: 'http 503' };
const limited = configuration({ refunds: { limitMinor: { CNY: 1 } } });

/** A refund that nothing keeps, and a processor that does not answer. The grace is over at once. */
async function silentWorld(rules = configuration()) {
  const world = refundWorld(rules);
  const state = { isSilent: true };
  world.processor.lookup = (of) => (state.isSilent ? SILENCE : foundAsTold(of));
  await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
  const statusAfter = async (hours: number) => {
    world.clock.nowMs = START_MS + 2 * MINUTE + hours * HOUR;
    const flag = world.flagOn('two');
    if (flag.status === 'held') await world.sweep();
    return world.flagOn('two').status === 'held' ? world.flagOn('two') : world.work('two');
  };
  const answer = () => {
    state.isSilent = false;
  };
  return { world, statusAfter, answer };
}

const SILENT = { status: 'held', wait: { waitsFor: ['silent'] } };
const ASKED_APPROVER = { status: 'held', wait: { waitsFor: ['unconfirmed'] } };

describe('a refund whose processor does not answer the lookup', () => {
  it('is asked by the retry of its step for an hour', async () => {
    const { world } = await silentWorld();
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    await expect(assess(attempt, world)).rejects.toMatchObject({ code: 'dependency-unavailable' });
  });

  it('then waits without an approver, and says so in both languages', async () => {
    const { statusAfter } = await silentWorld();
    const flag = await statusAfter(1);
    expect(flag).toMatchObject({ ...SILENT, wait: { facts: { silent: { chargeId: 'two' } } } });
    expect(flag.status === 'held' && flag.wait.asked).toBe(undefined);
    expect(reasonsOf(flag, 'shown').map(({ sentence }) => sentence)).toEqual([
      {
        en: 'The processor has not answered since 2024-11-10T16:02:00.000Z what it knows of two; it is asked again automatically.',
        zh: '支付机构自 2024-11-10T16:02:00.000Z 起未答复 two 的查询；系统会自动再次查询。',
      },
    ]);
  });

  it('goes automatically when the processor answers', async () => {
    const { statusAfter, answer } = await silentWorld();
    expect(await statusAfter(1)).toMatchObject(SILENT);
    answer();
    expect(await statusAfter(2)).toMatchObject({ status: 'refunded', restsOn: ['single-charge'] });
  });

  it('is asked again after as long as the silence has lasted, and no sooner', async () => {
    const { world, statusAfter } = await silentWorld();
    const asks = () => world.cases.auditOf(world.flagOn('two').caseId).then((acts) => acts.length);
    await statusAfter(1);
    const before = await asks();
    await statusAfter(1.9);
    expect(await asks()).toBe(before);
    expect(await statusAfter(2)).toMatchObject(SILENT);
    const second = await asks();
    await statusAfter(3.9);
    expect(await asks()).toBe(second);
    expect(await statusAfter(4)).toMatchObject(SILENT);
    expect(await asks()).toBeGreaterThan(second);
  });

  it('waits for an approver after a day of silence', async () => {
    const { world, statusAfter } = await silentWorld();
    for (const hours of [1, 2, 4, 8, 16, 23.9]) expect(await statusAfter(hours)).toMatchObject(SILENT);
    expect(await statusAfter(24)).toMatchObject({
      ...ASKED_APPROVER,
      wait: { facts: { unconfirmed: { fact: 'no-answer', chargeId: 'two' } } },
    });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'the processor confirmed it by phone' }, world);
    expect(await statusAfter(25)).toMatchObject({ status: 'refunded' });
  });

  it('waits for an approver at once where the answer disagrees', async () => {
    const { world, statusAfter } = await silentWorld();
    expect(await statusAfter(1)).toMatchObject(SILENT);
    world.processor.lookup = (of) => ({ ...foundAsTold(of), movement: 'shared' }) as Lookup;
    expect(await statusAfter(2)).toMatchObject(ASKED_APPROVER);
  });

  it('waits for an approver at once where another reason asks one', async () => {
    const { statusAfter } = await silentWorld(limited);
    expect(await statusAfter(0)).toMatchObject({ wait: { waitsFor: ['unconfirmed', 'limit'] } });
  });

  it('keeps the approvals that it has, and a freeze keeps it longer', async () => {
    const { world, statusAfter, answer } = await silentWorld(limited);
    answer();
    await statusAfter(0);
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'a copy' }, world);
    world.processor.lookup = () => SILENCE;
    world.clock.nowMs += 2 * HOUR;
    expect(await world.work('two')).toMatchObject({ ...SILENT, approvals: [{ by: 'ann' }] });
    await freeze({ merchant: undefined, by: 'ben', reason: 'a bad release' }, world);
    expect(await statusAfter(12)).toMatchObject(SILENT);
  });
});
