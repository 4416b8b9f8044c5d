import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asFlagId } from '../../../core/brands.ts';
import { createPace, paced } from '../../../core/refunds/pace.ts';

/** A clock that moves only when somebody waits, or when a test says so. */
function pacedAt(perSecond: number) {
  const clock = { nowMs: 0 };
  const sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  const sleep = (ms: number) => new Promise<void>((wake) => void sleepers.push({ atMs: clock.nowMs + ms, wake }));
  const pace = createPace({ perSecond, nowMs: () => clock.nowMs, sleep });
  /** Lets time pass until nobody waits any more. */
  const pass = async () => {
    await flushed();
    while (sleepers.length > 0) {
      sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = sleepers.shift();
      clock.nowMs = Math.max(clock.nowMs, next?.atMs ?? 0);
      next?.wake();
      await flushed();
    }
  };
  return { clock, pace, pass };
}

/** Who can go on has done so. */
function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('a pace', () => {
  it('lets the first go at once', async () => {
    const { clock, pace } = pacedAt(1);
    await pace();
    expect(clock.nowMs).toBe(0);
  });

  it('does not let a quiet hour be made up for', async () => {
    const { clock, pace, pass } = pacedAt(10);
    await pace();
    clock.nowMs = 3_600_000;
    const turns: number[] = [];
    for (let n = 0; n < 3; n++) void pace().then(() => turns.push(clock.nowMs - 3_600_000));
    await pass();
    expect(turns).toEqual([0, 100, 200]);
  });

  it('keeps turns as far apart as it says, however many ask at once', async () => {
    const anyPace = fc.double({ min: 0.5, max: 200, noNaN: true });
    await fc.assert(
      fc.asyncProperty(anyPace, fc.integer({ min: 2, max: 40 }), async (perSecond, callers) => {
        const { clock, pace, pass } = pacedAt(perSecond);
        const turns: number[] = [];
        const all = Array.from({ length: callers }, () => pace().then(() => turns.push(clock.nowMs)));
        await pass();
        await Promise.all(all);
        const gaps = turns.slice(1).map((ms, at) => ms - (turns[at] ?? 0));
        expect(gaps).toHaveLength(callers - 1);
        for (const gap of gaps) expect(gap).toBeCloseTo(1_000 / perSecond, 3);
      }),
    );
  });
});

it('starting and waking take turns of one pace, and answer what the workflows answer', async () => {
  const { clock, pace, pass } = pacedAt(2);
  const calls: [string, number][] = [];
  const workflows = paced(
    {
      start: async ({ flagId }) => {
        calls.push([flagId, clock.nowMs]);
        return 'started';
      },
      wake: async (token) => {
        calls.push([token, clock.nowMs]);
        return 'gone';
      },
    },
    pace,
  );
  const answers = Promise.all([
    workflows.start({ flagId: asFlagId('flag'), attempt: 0, graceMs: 0 }),
    workflows.wake('token'),
    workflows.start({ flagId: asFlagId('other'), attempt: 0, graceMs: 0 }),
  ]);
  await pass();
  expect(await answers).toEqual(['started', 'gone', 'started']);
  expect(calls).toEqual([
    ['flag', 0],
    ['token', 500],
    ['other', 1_000],
  ]);
});
