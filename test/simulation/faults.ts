import type { CaseStore } from '../../core/cases/case-store.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { Random } from '../../scenario/random.ts';
import type { Run, Scheduler } from './scheduler.ts';

/** Chances, each for one call of a store or a port. */
export interface Faults {
  readonly crash: number;
  readonly giveUp: number;
  readonly refuse: number;
  readonly loseAnswer: number;
  readonly conflict: number;
}

export const NO_FAULTS: Faults = { crash: 0, giveUp: 0, refuse: 0, loseAnswer: 0, conflict: 0 };

export interface FaultyWorld {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Read at each call: the faults end when a simulation is drained. */
  readonly faults: () => Faults;
}

/**
 * A port as one run sees it over a network: each call waits for its turn before it acts and before it answers; it may be
 * throttled, time out before or after it acted, and the run may die at either moment or be given up while it goes on.
 */
export function faulty<Port extends object>(port: Port, run: Run, world: FaultyWorld): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...given: readonly unknown[]) => call(() => Reflect.apply(method, target, given), run, world);
    },
  });
}

async function call(act: () => unknown, run: Run, { scheduler, random, faults }: FaultyWorld): Promise<unknown> {
  await interruption(run, { scheduler, random, faults });
  if (random.chance(faults().refuse)) throw new Error('ThrottlingException: by chance');
  const answer: unknown = await act();
  await interruption(run, { scheduler, random, faults });
  if (random.chance(faults().loseAnswer)) throw new Error('TimeoutError: the answer was lost');
  return answer;
}

async function interruption(run: Run, { scheduler, random, faults }: FaultyWorld): Promise<void> {
  await scheduler.point(run);
  const { crash, giveUp } = faults();
  if (random.chance(crash)) {
    run.isDead = true;
    run.giveUp('crashed');
  } else if (random.chance(giveUp)) run.giveUp('timed out, and still runs');
  // A dead run waits for ever; a run that was given up goes on behind its caller's back.
  if (run.isDead) await new Promise(() => {});
}

/**
 * What DynamoDB adds for windows: single statements of a successful batch fail, done or not; a write that the client
 * repeated by itself finds its own first try and says `exists` or `conflict`; transactions conflict for no reason of ours.
 */
export function faultyWindows(store: WindowStore, { random, faults }: FaultyWorld): WindowStore {
  return {
    read: (fingerprints, nowMs) => store.read(fingerprints, nowMs),
    insertAll: async (windows) => {
      const refused = new Set(windows.filter(() => random.chance(faults().refuse)));
      const outcomes = await store.insertAll(windows.filter((window) => !refused.has(window)));
      const left = [...outcomes];
      return windows.map((window) => {
        const outcome = refused.has(window) ? undefined : left.shift();
        if (outcome === undefined || random.chance(faults().loseAnswer))
          return { failed: new Error('ThrottlingError') };
        return outcome === 'inserted' && random.chance(faults().conflict) ? 'exists' : outcome;
      });
    },
    replaceAll: async (replacements) => {
      if (random.chance(faults().conflict)) return 'conflict';
      const outcome = await store.replaceAll(replacements);
      return random.chance(faults().conflict) ? 'conflict' : outcome;
    },
  };
}

/** Transactions that conflict for no reason of ours, or whose repetition by the client meets its own first try. */
export function faultyCases(store: CaseStore, { random, faults }: FaultyWorld): CaseStore {
  return {
    ...store,
    commit: async (change) => {
      if (random.chance(faults().conflict)) return 'conflict';
      const outcome = await store.commit(change);
      return random.chance(faults().conflict) ? 'conflict' : outcome;
    },
  };
}
