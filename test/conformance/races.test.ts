import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { asCaseId } from '../../core/brands.ts';
import { verifyChain } from '../../core/cases/audit.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import { raiseFlags } from '../../core/cases/raise-flags.ts';
import { flagIdOf } from '../../core/detection/fingerprint.ts';
import { type Judgement, judgeBatch } from '../../core/detection/judge.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { arrival, captured, charge } from '../fixtures/charges.ts';
import { configuration, digests } from '../fixtures/configurations.ts';
import { detectionContext } from '../fixtures/contexts.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

const NUM_RUNS = Math.ceil(Number(process.env.ONECHARGE_PROPERTY_RUNS ?? 5_000) / 10);

function kindOf(judgement: Judgement): string {
  return judgement.kind === 'judged' ? (judgement.verdict?.kind ?? 'noted') : judgement.kind;
}

describe('workers that meet at every await, over the stores in memory', () => {
  const worker = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });

  it('agree on one original in each order, and raise each flag once', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(worker, { minLength: 2, maxLength: 5 }), async (scheduler, workers) => {
        const context = detectionContext(configuration());
        const [windows, cases] = [scheduled(context.store, scheduler), scheduled(context.cases, scheduler)];
        const scheduledContext = { ...context, store: windows, cases };
        const verdicts = new Map<number, Set<string>>();
        const work = workers.map(async (charges) => {
          const arrivals = charges.map((n) => arrival(captured(charge({ chargeId: `ch_${n}` }))));
          const { judgements, windows: touched } = await judgeBatch(arrivals, scheduledContext);
          for (const [at, n] of charges.entries()) {
            const said = verdicts.get(n) ?? new Set();
            verdicts.set(n, said.add(JSON.stringify(judgements[at]?.kind === 'judged' && judgements[at].verdict)));
          }
          await raiseFlags(touched, 'system:detect', scheduledContext);
        });
        await scheduler.waitFor(Promise.all(work));
        const known = new Set(workers.flat());
        expect([...verdicts.values()].every((said) => said.size === 1)).toBe(true);
        expect([...verdicts.values()].filter((said) => said.has('{"kind":"original"}'))).toHaveLength(1);
        for (const { entries } of context.store.all()) {
          expect(new Set(entries.map(({ captured }) => captured?.seq)).size).toBe(known.size);
        }
        expect(context.cases.allFlags()).toHaveLength(known.size - 1);
        expect(context.cases.allFlags().every(({ version }) => version === 1)).toBe(true);
        expect(context.cases.allCases()).toHaveLength(known.size > 1 ? 1 : 0);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('32 workers at once on one order of 200 charges, on DynamoDB', () => {
  const WORKERS = 32;
  let dynamodb: DynamoDbLocal;
  let store: WindowStore;
  let cases: CaseStore;
  beforeAll(async () => {
    dynamodb = await startDynamoDbLocal();
    const { client } = dynamodb;
    const sleep = (ms: number) => wait(ms);
    store = createWindowStore({ client, table: await createTable(client, 'windows'), random: Math.random, sleep });
    cases = createCaseStore({ client, table: await createTable(client, 'cases') });
  });
  afterAll(() => dynamodb?.stop());

  it('find one original and 199 duplicates, and raise 199 flags, no more', { timeout: 300_000 }, async () => {
    const context = {
      ...detectionContext(configuration()),
      store,
      cases,
      random: Math.random,
      sleep: (ms: number) => wait(ms),
    };
    const charges = Array.from({ length: 200 }, (_, n) => charge({ chargeId: `ch_${n}` }));
    const kinds: string[] = [];
    const deliver = async (of: Charge): Promise<readonly string[]> => {
      const { judgements, windows } = await judgeBatch([arrival(captured(of))], context);
      await raiseFlags(windows, 'system:detect', context);
      return judgements.map(kindOf);
    };
    const work = Array.from({ length: WORKERS }, async (_, worker) => {
      const mine = charges.filter((_, at) => at % WORKERS === worker);
      // One charge a batch: nothing is folded, every charge fights for the window.
      for (const of of mine) kinds.push(...(await deliver(of)));
    });
    await Promise.all(work);
    expect(kinds.toSorted()).toEqual([...Array.from({ length: 199 }, () => 'duplicate'), 'original']);
    const flags = (await cases.readFlags(charges.map((of) => flagIdOf(of, digests)))).filter(
      (flag) => flag !== undefined,
    );
    expect(flags).toHaveLength(199);
    const [caseId = asCaseId('')] = new Set(flags.map((flag) => flag.caseId));
    expect(await cases.readCase(caseId)).toMatchObject({ flags: 199, unresolved: 199, openings: 1 });
    expect(verifyChain(await cases.auditOf(caseId), digests)).toMatchObject({ kind: 'intact', length: 199 });
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
