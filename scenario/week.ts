import type { Ms } from '../core/brands.ts';
import { UserError } from '../core/user-error.ts';
import { type Random, seededRandom } from './random.ts';
import { DAY, type Delivery, HOUR } from './scene.ts';
import { inOrderOfArrival, partsOf, truthOf } from './truth-of.ts';
import { adjustments } from './week/adjustments.ts';
import { copies } from './week/copies.ts';
import { counters } from './week/counters.ts';
import { facts } from './week/facts.ts';
import { ordinary } from './week/ordinary.ts';
import { plans } from './week/plans.ts';
import { refusals } from './week/refusals.ts';
import { Stage, type WeekStory } from './week/stage.ts';
import { totals } from './week/totals.ts';
import { type Scenario, writeFiles } from './write-files.ts';

export const STORIES: readonly WeekStory[] = [
  ...ordinary,
  ...copies,
  ...facts,
  ...totals,
  ...counters,
  ...plans,
  ...refusals,
  ...adjustments,
];

/** Monday, midnight UTC. */
const MONDAY_MS = Date.parse('2025-06-02T00:00:00Z');
const OPEN_HOURS = [8, 20] as const;
const LAST_DAY = 4;
const REDELIVERED_SHARE = 0.03;

/**
 * A week of ordinary shops as payment events, and what a correct system must make of it.
 *
 * @param seed gives the same bytes for the same stories, always.
 * @throws UserError when the seed is no whole number of 32 bits
 */
export function week({ seed }: { readonly seed: number }): Scenario {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new UserError(`seed must be a whole number from 0 to ${2 ** 32 - 1}, and is ${seed}`);
  }
  const random = seededRandom(seed);
  const cast = random.shuffled(STORIES.flatMap((story) => Array.from({ length: story.times }, () => story)));
  const parts = cast.map((story, index) => {
    const { kind } = story;
    const stage = new Stage({ number: index + 1, kind, random: random.fork(), beginMs: beginMs(story, random) });
    story.play(stage);
    return { kind, ...partsOf(stage) };
  });
  const deliveries = parts.flatMap((story) => story.deliveries);
  const lines = inOrderOfArrival([...deliveries, ...redelivered(deliveries, random)]).map(({ line }) => line);
  return { lines, truth: truthOf({ orders: cast.length, seed, lines, parts, kinds: STORIES }) };
}

/** Writes the week to `out` and its truth beside it. */
export async function writeWeek({ seed, out }: { seed: number; out: string }): ReturnType<typeof writeFiles> {
  return writeFiles(out, week({ seed }));
}

function beginMs({ day, hours: [from, to] = OPEN_HOURS }: WeekStory, random: Random): Ms {
  const onDay = day ?? random.integer(0, LAST_DAY);
  return MONDAY_MS + onDay * DAY + from * HOUR + random.integer(0, (to - from + 1) * HOUR - 1);
}

/** Some lines come twice, byte by byte. */
function redelivered(deliveries: readonly Delivery[], random: Random): Delivery[] {
  return deliveries
    .filter(() => random.chance(REDELIVERED_SHARE))
    .map((delivery) => ({ ...delivery, arrivesMs: delivery.arrivesMs + random.integer(0, HOUR) }));
}
