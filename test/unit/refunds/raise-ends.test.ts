import { expect, it } from 'vitest';
import { createMemoryCapRaises } from '../../../adapters/memory/cap-raises.ts';
import { confirmRaise, requestRaise } from '../../../core/refunds/cap-raise.ts';
import { noteEndedRaises } from '../../../core/refunds/raise-ends.ts';
import { HOUR, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';

function stage() {
  const clock = { nowMs: START_MS };
  const known = new Set<string>();
  const ended: string[] = [];
  const context = {
    configuration: configuration({ refunds: { capPerHourMinor: { total: { CNY: 100, JPY: 10 } } } }),
    raises: createMemoryCapRaises(),
    digests,
    raiseEnds: {
      noteEnd: async ({ id }: { readonly id: string }) => {
        if (known.has(id)) return 'known' as const;
        known.add(id);
        return 'noted' as const;
      },
    },
    noteRaiseEnd: ({ id }: { readonly id: string }) => void ended.push(id),
    nowMs: () => clock.nowMs,
  };
  const ask = async (maxMinor: number) => {
    const request = { currency: 'CNY', maxMinor, untilMs: clock.nowMs + HOUR, reason: 'a long night', by: 'ann' };
    const outcome = await requestRaise(request, context);
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    return outcome.raise.id;
  };
  return { clock, context, ended, ask };
}

it('the end of a raise that counted is noted once', async () => {
  const { clock, context, ended, ask } = stage();
  const id = await ask(200);
  await confirmRaise({ id, by: 'bob' }, context);
  expect(await noteEndedRaises(context)).toBe(0);
  clock.nowMs += HOUR;
  expect([await noteEndedRaises(context), await noteEndedRaises(context)]).toEqual([1, 0]);
  expect(ended).toEqual([id]);
});

it('a raise that no second approver confirmed ends in silence', async () => {
  const { clock, context, ended, ask } = stage();
  await ask(200);
  clock.nowMs += HOUR;
  expect(await noteEndedRaises(context)).toBe(0);
  expect(ended).toEqual([]);
});

it('a raise that ended is noted also where another is asked for before the sweep comes', async () => {
  const { clock, context, ended, ask } = stage();
  const id = await ask(200);
  await confirmRaise({ id, by: 'bob' }, context);
  clock.nowMs += HOUR + MINUTE;
  await ask(300);
  expect(await noteEndedRaises(context)).toBe(1);
  expect(ended).toEqual([id]);
  // An hour later nothing of it is kept.
  clock.nowMs += HOUR - MINUTE;
  await ask(400);
  const { raises } = await context.raises.raisesIn('CNY');
  expect(raises.map((raise) => raise.maxMinor)).toEqual([300, 400]);
});
