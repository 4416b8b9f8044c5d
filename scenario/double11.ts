import type { Ms } from '../core/brands.ts';
import { UserError } from '../core/user-error.ts';
import { type Random, seededRandom } from './random.ts';
import { type Delivery, HOUR, MINUTE, Scene, SECOND, type StoryKind } from './scene.ts';
import { closings } from './stories/closings.ts';
import { disputes } from './stories/disputes.ts';
import { lookalikes } from './stories/lookalikes.ts';
import { malformed } from './stories/malformed.ts';
import { ordinary } from './stories/ordinary.ts';
import { releases } from './stories/releases.ts';
import { retries } from './stories/retries.ts';
import { inOrderOfArrival, partsOf, truthOf } from './truth-of.ts';
import { type Scenario, writeFiles } from './write-files.ts';

/** The night of Double 11, 2024, begins at midnight in Shanghai. */
const MIDNIGHT_MS = Date.parse('2024-11-11T00:00:00+08:00');
const SPECIAL: readonly StoryKind[] = [...retries, ...closings, ...releases, ...disputes, ...lookalikes, ...malformed];
export const KINDS: readonly StoryKind[] = [...ordinary, ...SPECIAL];

/** Fewer could not hold one story of each kind and still be mostly ordinary. */
export const ORDERS_MIN = 150;
/** The file is put together in memory: some 4 KB an order at its peak. */
const ORDERS_MAX = 500_000;
const REDELIVERED_SHARE = 0.04;

/**
 * The story of a sale's night as payment events, and what a correct system must make of it.
 *
 * @param orders how many stories are told; most are one order. @throws UserError outside 150 to 500,000.
 * @param seed the same seed and orders give the same bytes, always.
 */
export function double11({ orders, seed }: { orders: number; seed: number }): Scenario {
  assertWhole('orders', orders, ORDERS_MIN, ORDERS_MAX);
  assertWhole('seed', seed, 0, 2 ** 32 - 1);
  const random = seededRandom(seed);
  const scenes = castKinds(orders, random).map((kind, index) => {
    const scene = new Scene({ number: index + 1, kind: kind.kind, random: random.fork(), beginMs: beginMs(random) });
    kind.play(scene);
    return { kind: kind.kind, scene };
  });
  const deliveries = scenes.flatMap(({ scene }) => scene.deliveries);
  const lines = inOrderOfArrival([...deliveries, ...redelivered(deliveries, random)]).map(({ line }) => line);
  const parts = scenes.map(({ kind, scene }) => ({ kind, ...partsOf(scene) }));
  const truth = truthOf({ orders, seed, lines, parts, kinds: KINDS });
  return { lines, truth };
}

/**
 * Writes the events to `out` and their truth beside them: `X.ndjson` and `X.truth.json`.
 *
 * @returns how many lines the file has, and how many charges they tell of.
 */
export async function writeScenario(wish: {
  orders: number;
  seed: number;
  out: string;
}): ReturnType<typeof writeFiles> {
  return writeFiles(wish.out, double11(wish));
}

/** Which story is told when: the special kinds in their proportion, ordinary ones for the rest, all shuffled. */
function castKinds(orders: number, random: Random): StoryKind[] {
  const special = SPECIAL.flatMap((kind) => repeated(kind, Math.max(1, Math.round((kind.in1500 * orders) / 1500))));
  const weights = ordinary.flatMap((kind) => repeated(kind, kind.in1500));
  const [anyKind, ...others] = weights;
  if (anyKind === undefined) throw new Error('there are no ordinary stories');
  const fillers = Array.from({ length: orders - special.length - ordinary.length }, () =>
    random.pick([anyKind, ...others]),
  );
  return random.shuffled([...special, ...ordinary, ...fillers]);
}

/** Most begin in the first forty minutes, the others on the evening before and through the morning. */
function beginMs(random: Random): Ms {
  const luck = random.fraction();
  if (luck < 0.6) return MIDNIGHT_MS + random.integer(0, 40 * MINUTE);
  return luck < 0.75 ? MIDNIGHT_MS - random.integer(0, 4 * HOUR) : MIDNIGHT_MS + random.integer(40 * MINUTE, 10 * HOUR);
}

/** Some lines come twice, byte by byte: most within minutes, some much later. */
function redelivered(deliveries: readonly Delivery[], random: Random): Delivery[] {
  return deliveries
    .filter(() => random.chance(REDELIVERED_SHARE))
    .map((delivery) => {
      const laterMs = random.chance(0.7) ? random.integer(0, 90 * SECOND) : random.integer(HOUR, 30 * HOUR);
      return { ...delivery, arrivesMs: delivery.arrivesMs + laterMs };
    });
}

function repeated<T>(item: T, times: number): T[] {
  return Array.from({ length: times }, () => item);
}

function assertWhole(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new UserError(`${what} must be a whole number from ${min} to ${max}, and is ${value}`);
}
