import { describe, expect, it } from 'vitest';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import type { Lookup } from '../../../core/refunds/refund-gateway.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { captured, charge, DAY, HOUR, orderClosed, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { foundAsTold, refundWorld } from '../../fixtures/refund-world.ts';

const [ONE, TWO] = [charge({ chargeId: 'one' }), charge({ chargeId: 'two' })];
const SILENCE: Lookup = { kind: 'unknown', reason: 'http 503' };
const ONE_MOVEMENT = { unconfirmed: { fact: 'one-movement', chargeId: 'one' } };

/** Two charges for one order, whose refund nothing but the processor's record keeps. */
async function opened(lookup: (chargeId: string) => Partial<Extract<Lookup, { kind: 'found' }>> | Lookup = () => ({})) {
  const world = refundWorld(configuration());
  const know = (knows: typeof lookup) => {
    world.processor.lookup = (of) => ({ ...foundAsTold(of), ...knows(of.chargeId) }) as Lookup;
  };
  know(lookup);
  await world.deliver(captured(ONE), captured(TWO));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  return { world, attempt, know };
}

const sharing = () => ({ movement: 'shared' });

describe('at the assessment', () => {
  it('a refund that the record confirms goes to its claim', async () => {
    const { world, attempt } = await opened();
    expect(await assess(attempt, world)).toEqual({ ...attempt, next: 'claim' });
  });

  it('a refund that it does not confirm waits, and its flag and audit name the fact', async () => {
    const { world } = await opened(sharing);
    const flag = await world.work('two');
    expect(flag).toMatchObject({ status: 'held', wait: { waitsFor: ['unconfirmed'], facts: ONE_MOVEMENT } });
    const { reason } = (await world.cases.auditOf(flag.caseId)).at(-1) ?? {};
    expect(reason).toBe('waits for: unconfirmed (the processor has one movement of money for this charge and one)');
  });

  it('a claim that finds its flag held waits for the same fact', async () => {
    const { world, attempt } = await opened(sharing);
    await world.work('two');
    expect(await claim(attempt, world)).toMatchObject({ next: 'hold', waitsFor: ['unconfirmed'], ...ONE_MOVEMENT });
  });

  it('the reason joins the others, so that an approver sees all of them', async () => {
    const { world, attempt } = await opened(sharing);
    const limited = { ...world, configuration: configuration({ refunds: { limitMinor: { CNY: 1 } } }) };
    expect(await assess(attempt, limited)).toMatchObject({ next: 'hold', waitsFor: ['unconfirmed', 'limit'] });
  });

  it('a gateway that cannot look up is a reason to wait', async () => {
    const { world } = await opened(() => ({ kind: 'unsupported' }));
    const fact = { fact: 'cannot-look-up', chargeId: 'two' };
    expect(await world.work('two')).toMatchObject({
      wait: { waitsFor: ['unconfirmed'], facts: { unconfirmed: fact } },
    });
  });

  it('a processor without an answer is asked again for an hour after the grace, then less often, then an approver is', async () => {
    const { world, attempt } = await opened(() => SILENCE);
    await expect(assess(attempt, world)).rejects.toMatchObject({ code: 'dependency-unavailable', retry: 'later' });
    world.clock.nowMs += 2 * HOUR;
    expect(await assess(attempt, world)).toMatchObject({ next: 'hold', waitsFor: ['silent'] });
    world.clock.nowMs += DAY;
    expect(await assess(attempt, world)).toMatchObject({
      next: 'hold',
      waitsFor: ['unconfirmed'],
      unconfirmed: { fact: 'no-answer', chargeId: 'two' },
    });
  });

  it('a processor without an answer does not hold up what an approver must see anyway', async () => {
    const { world, attempt } = await opened(() => SILENCE);
    const limited = { ...world, configuration: configuration({ refunds: { limitMinor: { CNY: 1 } } }) };
    expect(await assess(attempt, limited)).toMatchObject({ waitsFor: ['unconfirmed', 'limit'] });
  });

  it('a freeze alone stays alone while the processor does not answer: after the thaw it is asked again', async () => {
    const { world, attempt } = await opened(() => SILENCE);
    await freeze({ merchant: undefined, by: 'ann', reason: 'a bad release' }, world);
    expect(await assess(attempt, world)).toEqual({ ...attempt, next: 'hold', waitsFor: ['frozen'] });
  });

  it('an order closed unpaid needs no survivor', async () => {
    const { world } = await opened(sharing);
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + HOUR }));
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['closings'] });
  });
});

it('a claim that was granted before its run died is taken up again, and no hold lies upon it', async () => {
  const { world, attempt, know } = await opened();
  const dying = { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
  await expect(claim(attempt, dying)).rejects.toThrow('died');
  know(sharing);
  const limited = { ...world, configuration: configuration({ refunds: { limitMinor: { CNY: 1 } } }) };
  expect(await assess(attempt, limited)).toEqual({ ...attempt, next: 'claim' });
});

describe('between the claim and the first call', () => {
  async function claimed() {
    const opening = await opened();
    expect(await claim(opening.attempt, opening.world)).toMatchObject({ next: 'reverse' });
    return opening;
  }

  it('a refund that the record confirms is called for', async () => {
    const { world, attempt } = await claimed();
    expect(await reverse(attempt, world)).toMatchObject({ next: 'record', outcome: { kind: 'refunded' } });
  });

  it('a claim that it does not confirm is returned, and the next attempt waits for an approver', async () => {
    const { world, attempt, know } = await claimed();
    know(sharing);
    expect(await reverse(attempt, world)).toEqual({ ...attempt, next: 'end' });
    expect(world.refunds.size).toBe(0);
    const again = world.flagOn('two');
    expect(again).toMatchObject({ status: 'open', attempt: 1 });
    const reasons = (await world.cases.auditOf(again.caseId)).map(({ reason }) => reason);
    expect(reasons).toContain(
      'no refund: the claim was returned: the processor has one movement of money for this charge and one',
    );
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['unconfirmed'] } });
  });

  it('the budget of a returned claim is free again', async () => {
    const { world, attempt, know } = await claimed();
    know(sharing);
    const released: string[] = [];
    const budgets = { releaseAllocation: async (name: string) => void released.push(name) };
    await reverse(attempt, { ...world, budgets });
    expect(released).toHaveLength(1);
  });

  it('a claim waits an hour for the answer of a silent processor, and is returned then', async () => {
    const { world, attempt, know } = await claimed();
    know(() => SILENCE);
    await expect(reverse(attempt, world)).rejects.toMatchObject({ retry: 'later' });
    expect(world.flagOn('two')).toMatchObject({ status: 'refunding' });
    world.clock.nowMs += HOUR;
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1 });
  });

  it('a claim that was called for is never looked up again: the record shows our own refund by then', async () => {
    const { world, attempt, know } = await claimed();
    await reverse(attempt, world);
    know(() => ({ refundableMinor: 0 }));
    expect(await reverse({ ...attempt, asked: 1 }, world)).toMatchObject({ next: 'record' });
  });

  it('a run that died after it returned the claim ends the same', async () => {
    const { world, attempt, know } = await claimed();
    know(sharing);
    const dying = { ...world, cases: { ...world.cases, commit: () => Promise.reject(new Error('died')) } };
    await expect(reverse(attempt, dying)).rejects.toThrow('died');
    know(() => ({}));
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1 });
    expect(world.refunds.size).toBe(0);
  });
});

describe('an approval', () => {
  it('answers an unconfirmed record, and no lookup blocks its refund', async () => {
    const { world, know } = await opened(sharing);
    await world.work('two');
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'the processor confirmed it by phone' }, world);
    know(() => SILENCE);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });

  it('given before the record differed does not answer it: the refund waits again', async () => {
    const { world, know } = await opened();
    Object.assign(world, { configuration: configuration({ refunds: { limitMinor: { CNY: 1 } } }) });
    expect(await world.work('two')).toMatchObject({ wait: { waitsFor: ['limit'] } });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'a copy' }, world);
    know(sharing);
    expect(await world.work('two')).toMatchObject({
      status: 'held',
      approvals: [],
      wait: { waitsFor: ['unconfirmed', 'limit'], facts: ONE_MOVEMENT },
    });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'it is a copy' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('given before the record differed does not answer it between claim and call', async () => {
    const { world, attempt, know } = await opened();
    Object.assign(world, { configuration: configuration({ refunds: { limitMinor: { CNY: 1 } } }) });
    await world.work('two');
    await approve({ flagId: attempt.flagId, by: 'ann', reason: 'a copy' }, world);
    expect(await claim(attempt, world)).toMatchObject({ next: 'reverse' });
    know(sharing);
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.refunds.size).toBe(0);
  });
});
