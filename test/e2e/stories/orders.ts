import { expect, test } from 'vitest';
import type { Deployed } from '../deployed.ts';
import { closedUnpaid, newStory } from '../story.ts';

export function orderStories(world: () => Deployed): void {
  test('an order closed unpaid returns every charge before the closing, and one that comes later waits', async () => {
    const deployed = world();
    const story = newStory();
    const [original, duplicate, late] = [story.charge('1'), story.charge('2'), story.charge('3')];
    await deployed.capture(original, duplicate);
    await deployed.put([closedUnpaid(original)], story.payer);
    for (const charge of [original, duplicate]) {
      await deployed.untilFlag(charge, 'refunded');
      expect(await deployed.refundsOf(charge)).toEqual([12_900]);
    }

    await deployed.capture(late);
    const flag = await deployed.untilFlag(late, 'held');
    expect(flag).toMatchObject({ detector: 'same-order', wait: { waitsFor: ['closing'] } });
    expect(await deployed.refundsOf(late)).toEqual([]);
  });

  test('a single charge of an order closed unpaid is returned', async () => {
    const deployed = world();
    const story = newStory();
    const only = story.charge('1');
    await deployed.capture(only);
    await deployed.put([closedUnpaid(only)], story.payer);
    const flag = await deployed.untilFlag(only, 'refunded');
    expect(flag.original.chargeId).toBe(only.chargeId);
    expect(await deployed.refundsOf(only)).toEqual([12_900]);
  });
}
