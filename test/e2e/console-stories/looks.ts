import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, screenshot } from '../browser.ts';
import { type ConsoleWorld, captureBurst, captureCase, openCaseOf } from './console-world.ts';

/** The local configuration takes eight cases of this merchant in a minute for an incident. */
const MERCHANT = 'm_rehearsal';

/** Each page, and a text that it shows once its answer has arrived. */
const PAGES = [
  ['', '最近一小时处理的扣款'],
  ['waiting', '等待审批人决定的退款'],
  ['incidents', `商户 ${MERCHANT}`],
  ['payers', '请输入商户与订单号'],
  ['settings', 'same-order'],
] as const;

export function lookStories(world: () => ConsoleWorld): void {
  test('is the same in Chinese and in the dark', async () => {
    const story = await captureCase(world());
    await world().signedIn([world().ada], async (page) => {
      await openCaseOf(page, story);
      await chooseChinese(page);
      await page.getByRole('heading', { name: /^案件/ }).waitFor();
      expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN');
      await chooseTheme(page, '深色');
      await expectAccessible(page, 'case in the dark');
      await screenshot(page, 'case-dark-zh');
      await page.getByRole('link', { name: '案件', exact: true }).first().click();
      await page.locator('tbody tr').nth(5).waitFor();
      await expectAccessible(page, 'cases in the dark');
      await screenshot(page, 'cases-dark-zh');
    });
  });

  test.each([
    { theme: '浅色', suffix: '' },
    { theme: '深色', suffix: '-dark' },
  ])('has no serious fault of accessibility on any page ($theme)', async ({ theme, suffix }) => {
    const { ada, deployed, signedIn } = world();
    await captureBurst(deployed, MERCHANT);
    await signedIn([ada], async (page) => {
      await chooseChinese(page);
      await chooseTheme(page, theme);
      for (const [name, ready] of PAGES) {
        await page.goto(`/${name}`);
        await page.getByText(ready).first().waitFor();
        await expectAccessible(page, `${name || 'overview'}${suffix}`);
        await screenshot(page, `${name || 'overview'}${suffix}`);
      }
    });
  });
}

async function chooseChinese(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Preferences' }).click();
  await page.getByRole('menuitemcheckbox', { name: '简体中文' }).click();
  await page.getByRole('button', { name: '偏好设置' }).waitFor();
}

async function chooseTheme(page: Page, theme: string): Promise<void> {
  await page.getByRole('button', { name: '偏好设置' }).click();
  await page.getByRole('menuitemcheckbox', { name: theme }).click();
}
