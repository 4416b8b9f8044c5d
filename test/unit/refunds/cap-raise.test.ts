import { describe, expect, it } from 'vitest';
import { createMemoryCapRaises } from '../../../adapters/memory/cap-raises.ts';
import {
  confirmRaise,
  isEffective,
  type RaiseRequest,
  requestRaise,
  withRaised,
} from '../../../core/refunds/cap-raise.ts';
import { hourlyBudgetsOf, hourlyCapsOf } from '../../../core/refunds/hourly-caps.ts';
import { charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';

const CNY = charge({ chargeId: 'one' });

function desk() {
  const clock = { nowMs: START_MS };
  const context = {
    raises: createMemoryCapRaises(),
    configuration: configuration({
      refunds: {
        budgetPerHourMinor: { total: { CNY: 50 } },
        capPerHourMinor: { merchant: { CNY: 60 }, total: { CNY: 100 } },
      },
    }),
    digests,
    nowMs: () => clock.nowMs,
  };
  const ask = (shows: Partial<RaiseRequest> = {}) =>
    requestRaise(
      { currency: 'CNY', maxMinor: 300, untilMs: START_MS + HOUR, reason: 'a real outage', by: 'ann', ...shows },
      context,
    );
  const capsNow = async () => {
    const { raises } = await context.raises.raisesIn('CNY');
    return hourlyCapsOf(CNY, withRaised(context.configuration, 'CNY', { raises, nowMs: clock.nowMs }));
  };
  return { ask, capsNow, clock, context };
}

async function askedId(ask: ReturnType<typeof desk>['ask'], shows: Partial<RaiseRequest> = {}): Promise<string> {
  const outcome = await ask(shows);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.raise.id;
}

describe('a raise of a cap', () => {
  it('counts from the confirmation of a second approver until its end', async () => {
    const { ask, capsNow, clock, context } = desk();
    const id = await askedId(ask);
    expect(await capsNow()).toEqual({ merchantMaxMinor: 60, totalMaxMinor: 100 });
    expect(await confirmRaise({ id, by: 'bob' }, context)).toMatchObject({ kind: 'confirmed' });
    expect(await capsNow()).toEqual({ merchantMaxMinor: 60, totalMaxMinor: 300 });
    clock.nowMs = START_MS + HOUR - 1;
    expect(await capsNow()).toMatchObject({ totalMaxMinor: 300 });
    clock.nowMs += 1;
    expect(await capsNow()).toMatchObject({ totalMaxMinor: 100 });
  });

  it('of a merchant raises that merchant alone', async () => {
    const { ask, capsNow, context } = desk();
    const id = await askedId(ask, { merchant: 'm_1', maxMinor: 80 });
    await confirmRaise({ id, by: 'bob' }, context);
    expect(await capsNow()).toEqual({ merchantMaxMinor: 80, totalMaxMinor: 100 });
    const { raises } = await context.raises.raisesIn('CNY');
    const raised = withRaised(context.configuration, 'CNY', { raises, nowMs: START_MS });
    expect(hourlyCapsOf({ ...CNY, merchant: 'm_2' }, raised).merchantMaxMinor).toBe(60);
  });

  it('leaves the budgets of automatic refunds as they are', async () => {
    const { ask, context } = desk();
    await confirmRaise({ id: await askedId(ask), by: 'bob' }, context);
    const { raises } = await context.raises.raisesIn('CNY');
    const raised = withRaised(context.configuration, 'CNY', { raises, nowMs: START_MS });
    expect(hourlyBudgetsOf(CNY, raised).totalMaxMinor).toBe(50);
  });

  it('is not confirmed by the approver who asked for it, nor by asking twice', async () => {
    const { ask, capsNow, context } = desk();
    const id = await askedId(ask);
    expect(await askedId(ask)).toBe(id);
    expect(await confirmRaise({ id, by: 'ann' }, context)).toEqual({ kind: 'refused', reason: 'own-raise' });
    expect(await capsNow()).toMatchObject({ totalMaxMinor: 100 });
  });

  it('keeps each act once, however often it is asked for', async () => {
    const { ask, context } = desk();
    const id = await askedId(ask);
    await ask();
    await confirmRaise({ id, by: 'bob' }, context);
    await confirmRaise({ id, by: 'cid' }, context);
    expect(context.raises.acts().map(({ confirmed }) => confirmed?.by)).toEqual([undefined, 'bob']);
  });

  it.each<[string, Partial<RaiseRequest>, string]>([
    ['no cap in the currency', { currency: 'JPY' }, 'no-cap'],
    ['an amount that is not higher', { maxMinor: 100 }, 'not-higher'],
    ['more than ten times the cap', { maxMinor: 1_001 }, 'too-high'],
    ['more than a day', { untilMs: START_MS + DAY + 1 }, 'too-long'],
    ['an end in the past', { untilMs: START_MS }, 'over'],
  ])('is refused for %s', async (_, shows, reason) => {
    const { ask } = desk();
    expect(await ask(shows)).toEqual({ kind: 'refused', reason });
  });

  it('cannot be confirmed after its end', async () => {
    const { ask, clock, context } = desk();
    const id = await askedId(ask);
    clock.nowMs += HOUR;
    expect(await confirmRaise({ id, by: 'bob' }, context)).toEqual({ kind: 'refused', reason: 'unknown-raise' });
  });

  it('that was written by hand is bounded in amount and time', () => {
    const { context } = desk();
    const requested = { by: 'ann', atMs: START_MS };
    const forged = { id: 'CNY-1', currency: 'CNY', maxMinor: 10 ** 9, reason: 'r', requested };
    const raise = { ...forged, untilMs: START_MS + HOUR, confirmed: { by: 'bob', atMs: START_MS } };
    const capsOf = (raises: readonly (typeof raise)[]) =>
      hourlyCapsOf(CNY, withRaised(context.configuration, 'CNY', { raises, nowMs: START_MS })).totalMaxMinor;
    expect(capsOf([raise])).toBe(1_000);
    expect(capsOf([{ ...raise, untilMs: START_MS + 2 * DAY }])).toBe(100);
    expect(isEffective({ ...raise, confirmed: requested }, START_MS)).toBe(false);
  });
});
