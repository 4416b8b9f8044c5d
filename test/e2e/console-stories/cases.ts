import { expect, test } from 'vitest';
import { expectAccessible, screenshot } from '../browser.ts';
import { newStory } from '../story.ts';
import { type ConsoleWorld, captureCase, openCaseOf, twoOrders } from './console-world.ts';

export function caseStories(world: () => ConsoleWorld): void {
  test('shows new cases as they arrive, without a reload', async () => {
    const { ada, deployed, signedIn } = world();
    const story = newStory();
    await signedIn([ada], async (page) => {
      await page.getByText('Charges processed, last hour').waitFor();
      await page.getByRole('link', { name: 'Cases', exact: true }).first().click();
      await page.locator('tbody tr').nth(5).waitFor();
      await expectAccessible(page, 'cases');
      await screenshot(page, 'cases');

      await page.goto(`/cases?merchant=${story.merchant}`);
      await page.getByText('No cases').first().waitFor();
      await deployed.capture(...twoOrders(story, {}));
      await page.getByRole('cell', { name: story.merchant }).waitFor();
    });
  });

  test('finds the cases of one merchant by the keyboard alone, and keeps them in the address', async () => {
    const { merchant } = await captureCase(world());
    await world().signedIn([world().ada], async (page) => {
      await page.goto('/cases');
      await page.locator('tbody tr').nth(1).waitFor();
      await page.getByLabel(/^Find cases/).focus();
      await page.keyboard.type(`Merchant = ${merchant}`);
      await page.keyboard.press('Enter');
      // Until the answer arrives, the former rows stay, and this one may be among them.
      await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
      await page.getByRole('cell', { name: merchant }).waitFor();
      expect(await page.locator('tbody tr').count()).toBe(1);
      expect(new URL(page.url()).searchParams.get('merchant')).toBe(merchant);
      await page.locator('tbody a').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^Case / }).waitFor();
    });
  });

  test('exports the filtered cases, with progress and a link', async () => {
    const { merchant } = await captureCase(world());
    await world().signedIn([world().ada], async (page) => {
      await page.goto(`/cases?merchant=${merchant}`);
      await page.getByRole('cell', { name: merchant }).waitFor();
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click();
      const link = page.getByRole('link', { name: 'Download' });
      await link.waitFor();
      await screenshot(page, 'export');
      const file = await fetch((await link.getAttribute('href')) ?? '');
      const [head, ...rows] = (await file.text()).trim().split('\n');
      expect(head).toContain('merchant');
      expect(rows.filter((row) => row.includes(merchant))).toHaveLength(rows.length);
      expect(rows).not.toEqual([]);
      await page.getByRole('button', { name: 'Close' }).last().click();
    });
  });

  test('takes a comment under the name of its author', async () => {
    const story = await captureCase(world());
    await world().signedIn([world().ada], async (page) => {
      await openCaseOf(page, story);
      await page.getByLabel('Add a comment').fill('the shop was called, and calls back');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('the shop was called, and calls back', { exact: true }).nth(0).waitFor();
      await page.getByText('ada (you)').first().waitFor();
      await page.getByText('There are no comments yet.').waitFor({ state: 'hidden' });
    });
  });

  test('shows the payer desk what a payer may know', async () => {
    const { ada, deployed, signedIn } = world();
    const { charge, merchant, order } = newStory();
    await deployed.capture(charge('1'), charge('2'));
    await deployed.untilFlag(charge('2'), 'refunded');
    await signedIn([ada], async (page) => {
      await page.getByRole('link', { name: 'Payer look-up' }).click();
      await page.getByRole('textbox', { name: 'Merchant' }).fill(merchant);
      await page.getByRole('textbox', { name: 'Order' }).fill(order);
      await page.getByRole('button', { name: 'Look up' }).click();
      await page.getByText('A duplicate was found among these charges.').waitFor();
      await page.getByText('Refunded', { exact: true }).waitFor();
      expect(new URL(page.url()).searchParams.get('order')).toBe(order);
    });
  });
}
