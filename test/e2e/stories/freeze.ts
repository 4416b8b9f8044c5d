import { expect, test } from 'vitest';
import { onecharge } from '../commands.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { confirmThaw, pendingSchema, signIn } from '../people.ts';
import { newStory } from '../story.ts';

export function freezeStories(world: () => Deployed): void {
  test('a freeze holds the refunds of a merchant until the thaw', async () => {
    const deployed = world();
    const { stack } = deployed;
    const story = newStory();
    const duplicate = story.charge('2');
    const frozen = await onecharge(stack, 'freeze', '--merchant', story.merchant, '--reason', 'a bad release');
    expect(frozen).toMatchObject({ code: 0, stderr: '' });
    expect(frozen.stdout).toContain(story.merchant);

    await deployed.capture(story.charge('1'), duplicate);
    expect(await deployed.untilFlag(duplicate, 'held')).toMatchObject({ wait: { waitsFor: ['frozen'] } });
    await invoke(deployed.stack, 'RefundsSweep', {});
    expect((await deployed.flagOf(duplicate))?.status).toBe('held');
    expect(await deployed.refundsOf(duplicate)).toEqual([]);

    const thaw = ['thaw', '--merchant', story.merchant, '--reason', 'rolled back'];
    const asked = await onecharge(stack, ...thaw);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toContain('asked for by aws:000000000000:user/local');
    expect(asked.stdout).toMatch(/^It releases 1 refund: .*129/m);
    const [, id = ''] = /--confirm ([0-9a-f]{32})/.exec(asked.stdout) ?? [];
    const own = await onecharge(stack, 'thaw', '--confirm', id);
    expect(own).toMatchObject({ code: 1, stderr: expect.stringContaining('Another operator must confirm it') });
    expect((await deployed.flagOf(duplicate))?.status).toBe('held');
    await confirmThaw(stack, story.merchant);
    await eventually('the sweep let the refund go on', async () => {
      await invoke(deployed.stack, 'RefundsSweep', {});
      return (await deployed.flagOf(duplicate))?.status === 'refunded' || undefined;
    });
    expect(await deployed.refundsOf(duplicate)).toEqual([12_900]);
  });

  test('an admin freezes and thaws a merchant through the API, and an approver may not', async () => {
    const { stack } = world();
    const { merchant } = newStory();
    const [admin, approver] = await Promise.all([signIn(stack, 'admin'), signIn(stack, 'approver')]);
    const freeze = { merchant, reason: 'a bad release' };
    expect(await approver.post('/refunds/freeze', freeze)).toMatchObject({ status: 403 });
    const frozen = await admin.post('/refunds/freeze', freeze);
    expect(frozen).toMatchObject({ status: 200, body: { changed: true, standing: { frozen: true, ...freeze } } });
    const again = await admin.post('/refunds/freeze', { merchant, reason: 'once more' });
    expect(again).toMatchObject({ status: 200, body: { changed: false, standing: { frozen: true, ...freeze } } });
    const asked = pendingSchema.parse((await admin.post('/refunds/thaw', { merchant, reason: 'rolled back' })).body);
    const confirmed = await onecharge(stack, 'thaw', '--confirm', asked.pending.id);
    expect(confirmed).toMatchObject({ code: 0, stderr: '' });
    expect(confirmed.stdout).toContain('and aws:000000000000:user/local confirmed.');
  });
}
