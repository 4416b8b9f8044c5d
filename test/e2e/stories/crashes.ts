import { expect, test } from 'vitest';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { executionsOf } from '../executions.ts';
import { newStory } from '../story.ts';
import { killWorkers } from '../workers.ts';

const PAIRS = 8;
const ROUNDS_MIN = 5;
const KILLS_MAX = 3;
const APART_MS = 400;
const STEPS = ['RefundsAssess', 'RefundsClaim', 'RefundsReverse', 'RefundsRecord'];

export function crashStories(world: () => Deployed): void {
  // Only of an emulator of our own are the processes ours to kill.
  test.skipIf(process.env.AWS_ENDPOINT_URL)(
    'refunds whose workers are killed in mid-workflow move their money once, in their one execution',
    async () => {
      const deployed = world();
      const pairs = Array.from({ length: PAIRS }, () => {
        const story = newStory({ ownProcessor: true });
        return [story.charge('1'), story.charge('2')] as const;
      });
      const duplicates = pairs.map(([, duplicate]) => duplicate);
      const [slow] = duplicates;
      if (slow === undefined) throw new Error('there are pairs');
      await deployed.book(...pairs.flat());
      // Its first answer is lost, so that it is on its way while the others are.
      await deployed.instruct(slow, 'times-out-after-success');
      await deployed.announce(...pairs.flat());
      await eventually('its grace period is over', async () => {
        const status = (await deployed.flagOf(slow))?.status;
        return (status !== undefined && status !== 'open') || undefined;
      });
      await untilKilled(deployed, STEPS);

      for (const duplicate of duplicates) {
        const { id } = await deployed.untilFlag(duplicate, 'refunded');
        expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
        expect((await executionsOf(deployed.stack, id)).map(({ name }) => name)).toEqual([`${id}-0`]);
      }
      expect((await Promise.all(pairs.map(([original]) => deployed.refundsOf(original)))).flat()).toEqual([]);
    },
  );
}

/** Kills workers of each step, round by round, until each step has lost some; not so often that none can end its task. */
async function untilKilled({ stack }: Deployed, steps: readonly string[]): Promise<void> {
  const kills = new Map(steps.map((step) => [step, 0]));
  let rounds = 0;
  const round = async () => {
    for (const [step, count] of kills) {
      if (count < KILLS_MAX && killWorkers(stack, step) > 0) kills.set(step, count + 1);
    }
    rounds += 1;
    return (rounds >= ROUNDS_MIN && [...kills.values()].every((count) => count > 0)) || undefined;
  };
  await eventually('workers of each step are killed', round, { everyMs: APART_MS });
}
