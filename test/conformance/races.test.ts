import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrival, captured, charge } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../fixtures/contexts.ts';

const NUM_RUNS = Math.ceil(Number(process.env.ONECHARGE_PROPERTY_RUNS ?? 5_000) / 10);

describe('workers that meet at every await, over the stores in memory', () => {
  const worker = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });

  it('agree on one original in each order, and raise each flag once', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(worker, { minLength: 2, maxLength: 5 }), async (scheduler, workers) => {
        const context = detectionContext(configuration());
        const scheduledContext = {
          ...context,
          windows: scheduled(context.windows, scheduler),
          records: scheduled(context.records, scheduler),
          cases: scheduled(context.cases, scheduler),
        };
        const verdicts = new Map<number, Set<string>>();
        const work = workers.map(async (charges) => {
          const arrivals = charges.map((n) => arrival(captured(charge({ chargeId: `ch_${n}` }))));
          const judgements = await judgeAndRaise(arrivals, scheduledContext);
          for (const [at, n] of charges.entries()) {
            const said = verdicts.get(n) ?? new Set();
            verdicts.set(n, said.add(JSON.stringify(judgements[at]?.kind === 'judged' && judgements[at].verdict)));
          }
        });
        await scheduler.waitFor(Promise.all(work));
        const known = new Set(workers.flat());
        expect([...verdicts.values()].every((said) => said.size === 1)).toBe(true);
        expect([...verdicts.values()].filter((said) => said.has('{"kind":"original"}'))).toHaveLength(1);
        for (const { entries } of context.windows.all()) {
          expect(entries.map(({ seq }) => seq)).toEqual([...known].map((_, at) => at));
          expect(new Set(entries.map(({ id }) => id)).size).toBe(known.size);
        }
        expect(context.records.all()).toHaveLength(known.size);
        expect(context.cases.allFlags()).toHaveLength(known.size - 1);
        expect(context.cases.allFlags().every(({ version }) => version === 1)).toBe(true);
        expect(context.cases.allCases()).toHaveLength(known.size > 1 ? 1 : 0);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

/** The same store, each call of which waits for its turn before it acts and again before it answers. */
function scheduled<Store extends object>(store: Store, scheduler: fc.Scheduler): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...given: readonly unknown[]) => {
        await scheduler.schedule(Promise.resolve(), `${String(name)} begins`);
        const answer: unknown = await Reflect.apply(method, target, given);
        await scheduler.schedule(Promise.resolve(), `${String(name)} answers`);
        return answer;
      };
    },
  });
}
