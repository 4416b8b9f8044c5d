import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Agenda } from '../../../../scenario/playback/agenda.ts';

it('runs acts by time, and acts of one time in the order in which they were added', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), async (times) => {
      const agenda = new Agenda(0);
      const ran: [number, number][] = [];
      for (const [at, atMs] of times.entries()) agenda.add(atMs, async () => void ran.push([agenda.nowMs(), at]));
      while (agenda.nextMs() !== undefined) await agenda.runNext();
      const expected = [...times.entries()].map(([at, atMs]) => [atMs, at]).sort(([a = 0], [b = 0]) => a - b);
      expect(ran).toEqual(expected);
    }),
  );
});

it('runs what is due in the past now, and never turns the clock back', async () => {
  const agenda = new Agenda(100);
  agenda.add(5, async () => {});
  agenda.advanceTo(50);
  expect(agenda.nextMs()).toBe(100);
  await agenda.runNext();
  await agenda.runNext();
  expect(agenda.nowMs()).toBe(100);
});
