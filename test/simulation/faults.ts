import type { CaseStore } from '../../core/cases/case-store.ts';
import type { InsertOutcome } from '../../core/detection/window-store.ts';
import type { Random } from '../../scenario/random.ts';
import { MINUTE, SECOND } from '../fixtures/charges.ts';
import type { Charges } from './charges.ts';
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
 * What DynamoDB adds for records and windows: single statements of a successful batch fail, done or not; a write that the
 * client repeated by itself finds its own first try and says `exists` or `conflict`; transactions conflict for no reason
 * of ours.
 */
export function faultyCharges({ records, windows, claims }: Charges, world: FaultyWorld): Charges {
  return {
    records: {
      ...records,
      insertRecords: (all) => partly(all, records.insertRecords, world),
      replaceRecord: (...given) => perhaps(() => records.replaceRecord(...given), world),
    },
    windows: {
      ...windows,
      insertWindows: (all) => partly(all, windows.insertWindows, world),
      replaceWindow: (...given) => perhaps(() => windows.replaceWindow(...given), world),
    },
    claims: {
      ...claims,
      grant: async (grant) => {
        await pause(world);
        return perhaps(() => claims.grant(grant), world);
      },
    },
  };
}

/** A run that decided by what it read may be slow to write. */
async function pause({ scheduler, random, faults }: FaultyWorld): Promise<void> {
  if (faults().conflict === 0 || !random.chance(0.2)) return;
  await scheduler.sleep(random.pick([SECOND, 20 * SECOND, 5 * MINUTE]));
}

async function partly<Item>(
  all: readonly Item[],
  insertAll: (items: readonly Item[]) => Promise<readonly InsertOutcome[]>,
  { random, faults }: FaultyWorld,
): Promise<readonly InsertOutcome[]> {
  const refused = new Set(all.filter(() => random.chance(faults().refuse)));
  const left = [...(await insertAll(all.filter((item) => !refused.has(item))))];
  return all.map((item) => {
    const outcome = refused.has(item) ? undefined : left.shift();
    if (outcome === undefined || random.chance(faults().loseAnswer)) return { failed: new Error('ThrottlingError') };
    return outcome === 'inserted' && random.chance(faults().conflict) ? 'exists' : outcome;
  });
}

async function perhaps<Outcome extends string>(
  write: () => Promise<Outcome | 'conflict'>,
  { random, faults }: FaultyWorld,
): Promise<Outcome | 'conflict'> {
  if (random.chance(faults().conflict)) return 'conflict';
  const outcome = await write();
  return random.chance(faults().conflict) ? 'conflict' : outcome;
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
