import { expect, test } from 'vitest';
import { expectAccessible, screenshot, tabTo } from '../browser.ts';
import { eventually } from '../eventually.ts';
import { invoke } from '../lambda.ts';
import { type ConsoleWorld, captureBurst, captureHeld, openCaseOf } from './console-world.ts';

/** Far above the amount from which two approvers are needed (configuration/local.json). */
const LARGE_MINOR = 88_800;
/** The local configuration takes eight cases of this merchant in a minute for an incident. */
const MERCHANT = 'm_drill';

export function decisionStories(world: () => ConsoleWorld): void {
  test('asks a second approver for a large refund, and shows the first how it goes on', async () => {
    const { ada, lin, signedIn } = world();
    const story = await captureHeld(world(), LARGE_MINOR);
    await signedIn([ada, lin], async (first, second) => {
      await openCaseOf(first, story);
      await first.getByRole('img', { name: /^When each charge/ }).waitFor();
      await first.getByRole('button', { name: 'Approve refund' }).click();
      await first.getByLabel('Reason').fill('both orders are one');
      await first.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
      await first.getByText('another person must approve the refund').waitFor();
      await expectAccessible(first, 'case with a new notice');
      await first.getByText('Another person must say so too.').waitFor();
      await first.getByRole('button', { name: 'Approve refund' }).waitFor({ state: 'detached' });
      await expectAccessible(first, 'case that waits');
      await screenshot(first, 'case-waits');

      await second.goto(new URL(first.url()).pathname);
      // By the keyboard alone.
      await tabTo(second, second.getByRole('button', { name: 'Approve refund' }));
      await second.keyboard.press('Enter');
      await tabTo(second, second.getByLabel('Reason'));
      await second.keyboard.type('so I see it too');
      await tabTo(second, second.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }));
      await second.keyboard.press('Enter');
      await second.getByText('Approved: the refund').waitFor();

      // Both pages go on without a further action.
      for (const page of [first, second]) {
        await page.getByText('Refunded', { exact: true }).nth(1).waitFor();
        await page.getByText('Resolved').first().waitFor();
        expect(await page.getByRole('button', { name: /^(Approve|Keep)/ }).count()).toBe(0);
      }
      await screenshot(first, 'case-refunded');
    });
  });

  test('asks for another sign-in where the last one is too old, and repeats the act', async () => {
    const { ada, signedIn } = world();
    const story = await captureHeld(world(), 1_900);
    await signedIn([ada], async (page) => {
      await openCaseOf(page, story);
      let isOld = true;
      await page.route('**/approve', (route) => {
        if (!isOld) return route.continue();
        isOld = false;
        return route.fulfill({ status: 401, json: { code: 'sign-in-again', detail: 'an old sign-in' } });
      });
      await page.getByRole('button', { name: 'Approve refund' }).click();
      await page.getByLabel('Reason').fill('both orders are one');
      await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
      const again = page.getByRole('dialog', { name: 'Sign in again' });
      await again.getByLabel('Password', { exact: true }).fill('wrong-Password-1');
      await page.keyboard.press('Enter');
      await again.getByText('Name or password is wrong.').waitFor();
      await expectAccessible(page, 'another sign-in');
      await screenshot(page, 'sign-in-again');
      await again.getByLabel('Password', { exact: true }).fill(ada.password);
      await page.keyboard.press('Enter');
      await page.getByText('Approved: the refund').waitFor();
    });
  });

  test('tells an approver who is about to decide that another was faster', async () => {
    const { ada, lin, signedIn } = world();
    const story = await captureHeld(world(), 1_800);
    await signedIn([ada, lin], async (slow, fast) => {
      for (const page of [slow, fast]) await openCaseOf(page, story);
      await slow.getByRole('button', { name: 'Approve refund' }).click();
      await slow.getByLabel('Reason').waitFor();
      await fast.getByRole('button', { name: 'Keep charge' }).click();
      await fast.getByLabel('Reason').fill('two coffees');
      await screenshot(fast, 'keep');
      await fast.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click();
      await fast.getByText('Kept:').waitFor();
      await slow.getByText('This has changed since the page showed it.').waitFor();
      const dialog = slow.getByRole('dialog');
      expect(await dialog.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
      await screenshot(slow, 'case-moved');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    });
  });

  test('shows a burst as one incident, and approves at once what waits in it', async () => {
    const { ada, lin, deployed, signedIn } = world();
    const repeats = await captureBurst(deployed, MERCHANT);
    await Promise.all(repeats.map((repeat) => deployed.untilFlag(repeat, 'held')));
    await signedIn([ada, lin], async (page, second) => {
      await page.goto('/incidents');
      await page.getByRole('link', { name: `Merchant ${MERCHANT}` }).click();
      await page.getByRole('heading', { name: `Merchant ${MERCHANT}` }).waitFor();
      await page.getByRole('heading', { name: 'Money by currency', exact: true }).waitFor();
      const approve = page.getByRole('button', { name: 'Approve all that waits' });
      await eventually('a digest counts what waits', async () => {
        await invoke(deployed.stack, 'AlertsDigest', {});
        return (await approve.isVisible()) || undefined;
      });
      await expectAccessible(page, 'incident');
      await screenshot(page, 'incident');
      await approve.click();
      await page.getByLabel('Reason').fill('the outage of tonight');
      const dialog = page.getByRole('dialog');
      await expectAccessible(page, 'approval of an incident');
      await dialog.getByText(/^\d+ refunds wait, in all /).waitFor();
      await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
      await dialog.getByText(/^The order waits for another approver/).waitFor();

      await second.goto(new URL(page.url()).pathname);
      await second.getByRole('button', { name: 'Approve all that waits' }).click();
      const confirming = second.getByRole('dialog');
      await confirming.getByText(/the outage of tonight$/).waitFor();
      await expectAccessible(second, 'order of another approver');
      await confirming.getByRole('button', { name: 'Confirm the order' }).click();
      for (const each of [dialog, confirming]) {
        await each.getByText('Done', { exact: true }).waitFor();
        await each
          .getByText(/^Approved: [1-9]\d*\. Another person must approve too: 0\. Passed over: 0\. Above/)
          .waitFor();
      }
      await screenshot(page, 'incident-approved');
      await dialog.getByRole('button', { name: 'Close' }).last().click();
    });
  });
}
