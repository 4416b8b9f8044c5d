import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Deployed } from '../deployed.ts';
import { executionsOf } from '../executions.ts';
import { newStory } from '../story.ts';
import { killWorkers } from '../workers.ts';

const PAIRS = 8;
const ROUNDS = 5;
const APART_MS = 400;
const STEPS = ['RefundsAssess', 'RefundsClaim', 'RefundsUndo', 'RefundsRecord'];

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
      await deployed.capture(...pairs.flat());
      // Its first answer is lost, so that it is on its way while the others are.
      await deployed.tell(slow, 'times-out-after-success');
      await deployed.untilFlag(slow, 'refunding');
      let killed = 0;
      for (let round = 0; round < ROUNDS; round++) {
        for (const step of STEPS) killed += killWorkers(deployed.stack, step);
        await sleep(APART_MS);
      }
      expect(killed).toBeGreaterThanOrEqual(STEPS.length);

      for (const duplicate of duplicates) {
        const { id } = await deployed.untilFlag(duplicate, 'refunded');
        expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
        expect((await executionsOf(deployed.stack, id)).map(({ name }) => name)).toEqual([`${id}-0`]);
      }
      expect((await Promise.all(pairs.map(([original]) => deployed.refundsOf(original)))).flat()).toEqual([]);
    },
  );
}
