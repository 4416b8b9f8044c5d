import { expect, test } from 'vitest';
import { onecharge } from '../commands.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { newStory } from '../story.ts';

export function freezeStories(world: () => Deployed): void {
  test('a freeze holds the refunds of a merchant until the thaw', async () => {
    const deployed = world();
    const { endpoint } = deployed.stack;
    const story = newStory();
    const duplicate = story.charge('2');
    const frozen = await onecharge(endpoint, 'freeze', '--merchant', story.merchant, '--reason', 'a bad release');
    expect(frozen).toMatchObject({ code: 0, stderr: '' });
    expect(frozen.stdout).toContain(story.merchant);

    await deployed.capture(story.charge('1'), duplicate);
    expect(await deployed.untilFlag(duplicate, 'held')).toMatchObject({ holds: ['frozen'] });
    await invoke(deployed.stack, 'RefundsSweep', {});
    expect((await deployed.flagOf(duplicate))?.status).toBe('held');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);

    expect(await onecharge(endpoint, 'thaw', '--merchant', story.merchant)).toMatchObject({ code: 0, stderr: '' });
    await eventually('the sweep let the refund go on', async () => {
      await invoke(deployed.stack, 'RefundsSweep', {});
      return (await deployed.flagOf(duplicate))?.status === 'refunded' || undefined;
    });
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
  });
}
