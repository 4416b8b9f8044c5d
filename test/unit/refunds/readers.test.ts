import { describe, expect, it } from 'vitest';
import { createMemoryLagStore } from '../../../adapters/memory/lag-store.ts';
import { behindUntilMs, createLagWatch, LAG_CLASSES_MS } from '../../../core/detection/reader-lag.ts';
import { assess } from '../../../core/refunds/assess.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, HOUR, MINUTE, SECOND, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration, SAME_ORDER } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const GRACE = 20 * SECOND;
const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });

const rules = (shows: Readonly<Record<string, unknown>> = {}) =>
  configuration({ detectors: [{ ...SAME_ORDER, grace: '20s' }], ...shows });

async function opened() {
  const world = refundWorld(rules());
  await world.deliver(captured(one), captured(two));
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  const reports = (seconds: number) => world.lag.reportLag({ classMs: seconds * SECOND, atMs: world.nowMs() });
  return { world, attempt, reports };
}

describe('a refund while the readers of the stream lag', () => {
  it('goes where the lag is within the grace period', async () => {
    const { world, attempt, reports } = await opened();
    await reports(10);
    expect(await assess(attempt, world)).toMatchObject({ next: 'claim' });
  });

  it('waits until the readers are level, and for the grace period after that', async () => {
    const { world, attempt, reports } = await opened();
    await reports(40);
    expect(await assess(attempt, world)).toEqual({ ...attempt, next: 'level', waitSeconds: 35 });
    world.clock.nowMs += 34 * SECOND;
    expect(await assess(attempt, world)).toMatchObject({ next: 'level', waitSeconds: 1 });
    world.clock.nowMs += SECOND;
    expect(await assess(attempt, world)).toMatchObject({ next: 'claim' });
  });

  it('does not ask the processor before, whose record may be ahead of them', async () => {
    const { world, attempt, reports } = await opened();
    await reports(40);
    const asked: string[] = [];
    world.processor.lookup = ({ chargeId }) => {
      asked.push(chargeId);
      return { kind: 'not-found' };
    };
    expect(await assess(attempt, world)).toMatchObject({ next: 'level' });
    expect(asked).toEqual([]);
    world.clock.nowMs += 35 * SECOND;
    expect(await assess(attempt, world)).toMatchObject({ next: 'hold', waitsFor: ['unconfirmed'] });
  });

  it('is not hidden by a smaller lag of another reader', async () => {
    const { world, attempt, reports } = await opened();
    await reports(40);
    world.clock.nowMs += SECOND;
    await reports(5);
    expect(await assess(attempt, world)).toMatchObject({ next: 'level' });
  });

  it('does not claim the last charge, though the void of the other one is still unread', async () => {
    const { world, attempt, reports } = await opened();
    await reports(40);
    expect(await claim(attempt, world)).toMatchObject({ next: 'level' });
    await world.deliver(voided(one, { timeMs: START_MS + SECOND }));
    world.clock.nowMs += MINUTE;
    expect(await claim(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.flagOn('two')).toMatchObject({ status: 'dismissed' });
    expect(world.refunds.size).toBe(0);
  });

  it('shows a long lag as a reason, and the sweep lets it go on once the readers are level', async () => {
    const { world, reports } = await opened();
    world.clock.nowMs += HOUR;
    await reports(640);
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['behind'] } });
    expect(world.flagOn('two').status === 'held' && world.flagOn('two')).not.toHaveProperty('wait.asked');
    expect(await world.sweep()).toMatchObject({ released: 0 });
    world.clock.nowMs += MINUTE;
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('an approval does not answer it', async () => {
    const { world, reports } = await opened();
    Object.assign(world, { configuration: rules({ refunds: { limitMinor: { CNY: 1 } } }) });
    await world.work('two');
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'a copy' }, world);
    await reports(40);
    expect(await world.work('two')).toMatchObject({ status: 'approved' });
    expect(world.refunds.size).toBe(0);
  });

  it('a budget that was allocated before is free again', async () => {
    const { world, attempt, reports } = await opened();
    const name = `${attempt.flagId}-0`;
    const { merchant, currency } = two;
    const max = { merchantMaxMinor: two.amountMinor, totalMaxMinor: undefined };
    const ask = { name, merchant, currency, refundMinor: two.amountMinor, ...max, nowMs: world.nowMs() };
    expect(await world.budgets.allocate(ask)).toBe('allocated');
    await reports(40);
    await claim(attempt, world);
    expect(await world.budgets.allocate({ ...ask, name: 'another' })).toBe('allocated');
  });
});

describe('a reader', () => {
  /** A watch whose beats the test gives. */
  function watched() {
    const lag = createMemoryLagStore();
    const clock = { nowMs: START_MS };
    const beats: (() => Promise<void>)[] = [];
    const faults: unknown[] = [];
    const every = (_: number, act: () => Promise<void>) => {
      beats.push(act);
      return () => void beats.splice(0);
    };
    const watch = createLagWatch({ lag, nowMs: () => clock.nowMs, every, failed: (error) => faults.push(error) });
    return { lag, clock, beats, faults, watch };
  }
  const until = (report: Awaited<ReturnType<ReturnType<typeof watched>['lag']['readLag']>>, nowMs: number) =>
    behindUntilMs(report, { graceMs: GRACE, nowMs });

  it('reports nothing while it is level', async () => {
    const { lag, watch } = watched();
    expect(await watch.during(START_MS - SECOND, async () => 7)).toBe(7);
    expect(await lag.readLag()).toEqual(new Map());
  });

  it('reports how long the oldest record of its batch has waited, in classes', async () => {
    const { lag, watch } = watched();
    await watch.during(START_MS - 90 * SECOND, async () => {
      expect([...(await lag.readLag()).keys()]).toEqual(LAG_CLASSES_MS.filter((each) => each <= 80 * SECOND));
    });
  });

  it('reports a batch that takes long while it lasts, and when it has ended', async () => {
    const { lag, clock, beats, watch } = watched();
    await watch.during(START_MS, async () => {
      expect(until(await lag.readLag(), clock.nowMs)).toBeUndefined();
      clock.nowMs += 25 * SECOND;
      for (const beat of beats) await beat();
      expect(until(await lag.readLag(), clock.nowMs)).toBe(clock.nowMs + 35 * SECOND);
      clock.nowMs += 25 * SECOND;
    });
    expect(until(await lag.readLag(), clock.nowMs)).toBe(clock.nowMs + 35 * SECOND);
    expect(beats).toEqual([]);
  });

  it('ends its beats and reports also where its batch fails', async () => {
    const { lag, clock, beats, watch } = watched();
    const work = watch.during(START_MS, async () => {
      clock.nowMs += 25 * SECOND;
      throw new Error('the table is gone');
    });
    await expect(work).rejects.toThrow('the table is gone');
    expect([beats.length, (await lag.readLag()).size]).toEqual([0, 3]);
  });

  it('judges its batch though a report fails', async () => {
    const { lag, faults, watch } = watched();
    Object.assign(lag, { reportLag: async () => Promise.reject(new Error('throttled')) });
    expect(await watch.during(START_MS - MINUTE, async () => 'judged')).toBe('judged');
    expect(faults).toHaveLength(2);
  });
});
