import { seededRandom } from '../../scenario/random.ts';
import type { BrokenPromise } from './promises.ts';
import type { Attacker } from './settings.ts';
import { World, type Wraps } from './world.ts';

export interface Simulated {
  readonly seed: number;
  readonly steps: number;
  readonly broken: BrokenPromise | undefined;
  readonly flags: Readonly<Record<string, number>>;
  /** What was refunded in the hour in which most was. */
  readonly worstHourMinor: number;
}

/** One night, told and judged by the seed alone: the same seed does the same, step by step. */
export async function simulate({
  seed,
  events,
  wraps = {},
  attacker,
  trace,
}: {
  readonly seed: number;
  readonly events: number;
  readonly wraps?: Wraps;
  readonly attacker?: Attacker | undefined;
  readonly trace?: (line: string) => void;
}): Promise<Simulated> {
  const world = new World(seededRandom(seed), { wraps, attacker, trace });
  await world.live(events);
  if (world.referee.broken === undefined) await world.drain();
  const flags = Object.groupBy(world.stores.cases.allFlags(), ({ status }) => status);
  return {
    seed,
    steps: world.scheduler.steps,
    broken: world.referee.broken,
    worstHourMinor: world.referee.losses.worstHourMinor,
    flags: Object.fromEntries(Object.entries(flags).map(([status, list]) => [status, list?.length ?? 0])),
  };
}
