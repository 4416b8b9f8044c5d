import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Desk, expectAccessible, graveFaults, openBrowser, openDesk } from './browser.ts';

/** Long enough that a look without a wait meets the fade in its first half. */
const FADE_MS = 4_000;
const pageWith = (text: string) =>
  `<html lang="en"><title>a notice</title><main><h1>a notice</h1>${text}</main></html>`;

let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  browser = await openBrowser();
  desk = await openDesk(browser, 'http://127.0.0.1');
});

afterAll(() => browser?.close());

describe('a look at accessibility', () => {
  test('waits until a notice has faded in', async () => {
    await desk.page.setContent(pageWith('<p id="notice">another approver is needed</p>'));
    const frames = '[{ opacity: 0.1 }, { opacity: 1 }]';
    await desk.page.evaluate(`void document.getElementById('notice').animate(${frames}, ${FADE_MS})`);
    await expectAccessible(desk.page, 'a notice that fades in');
  });

  test('does not wait for a spinner, which turns forever', async () => {
    await desk.page.setContent(pageWith('<p id="spinner">wait</p>'));
    const frames = "[{ rotate: '0deg' }, { rotate: '360deg' }]";
    await desk.page.evaluate(
      `void document.getElementById('spinner').animate(${frames}, { duration: 900, iterations: Infinity })`,
    );
    await expectAccessible(desk.page, 'a spinner');
  });

  test('finds a contrast that stays too low', async () => {
    await desk.page.setContent(pageWith('<p style="color: #bbb">hard to read</p>'));
    expect(await graveFaults(desk.page)).toEqual([expect.stringContaining('color-contrast')]);
  });

  test('asks pages for reduced motion', async () => {
    const query = "matchMedia('(prefers-reduced-motion: reduce)').matches";
    expect(z.boolean().parse(await desk.page.evaluate(query))).toBe(true);
  });
});
