import { expect, test } from 'vitest';
import { expectAccessible, screenshot } from '../browser.ts';
import { onecharge } from '../commands.ts';
import type { ConsoleWorld } from './console-world.ts';

/** Refunds of all merchants stop while it runs: it is the last one. */
export function thawStories(world: () => ConsoleWorld): void {
  test('shows an admin the thaw that an operator asked for, and ends the freeze once the admin confirms', async () => {
    const { ada, lin, signedIn, deployed } = world();
    const { stack } = deployed;
    expect(await onecharge(stack, 'freeze', '--reason', 'a rehearsal')).toMatchObject({ code: 0 });
    expect(await onecharge(stack, 'thaw', '--reason', 'rehearsed')).toMatchObject({ code: 0 });
    await signedIn([ada, lin], async (approver, admin) => {
      for (const page of [approver, admin]) {
        await page.goto('/settings');
        await page.getByText('operator local: rehearsed').waitFor();
        await page.getByText(/^It releases/).waitFor();
      }
      await expectAccessible(admin, 'settings with a pending thaw');
      await screenshot(admin, 'thaw-pending');
      expect(await approver.getByRole('button', { name: 'Confirm the thaw' }).count()).toBe(0);
      await admin.getByRole('button', { name: 'Confirm the thaw' }).click();
      await admin.getByText('Refunds are frozen since').waitFor({ state: 'detached' });
    });
    expect((await onecharge(stack, 'status')).stdout).not.toContain('frozen');
  });
}
