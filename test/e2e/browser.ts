import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import * as z from 'zod';
import { LOCAL_DIR } from '../../cli/paths.ts';
import { eventually } from './eventually.ts';

const SCREENSHOTS = join(LOCAL_DIR, 'screenshots');
/** A step of a page takes seconds; a machine whose cores are all busy makes minutes of them. */
const WAIT_MS = 300_000;
/** More than any page has places to stop at. */
const TABS_MAX = 100;

/** One person's browser: a window of its own, that shares nothing with another's. */
export interface Desk {
  readonly page: Page;
  /** What the page has complained of: errors of scripts, and what its security policy refused. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** The machine's own Chromium: nothing is downloaded. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`there is no ${executablePath}: apt-get install chromium fonts-noto-cjk, or set CHROMIUM`);
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox'], timeout: WAIT_MS });
}

export async function openDesk(browser: Browser, url: string): Promise<Desk> {
  const context: BrowserContext = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Asia/Shanghai',
    locale: 'en-US',
    // Cloudscape then shows and hides its parts at once.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

export async function signInAt(page: Page, { name, password }: { name: string; password: string }): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name }).waitFor();
}

/** Goes to a control by the Tab key alone, as somebody without a mouse must. */
export async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  const focused = control.and(page.locator(':focus'));
  for (let pressed = 0; pressed < TABS_MAX; pressed++) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${TABS_MAX} Tabs do not lead to ${control}`);
}

/** For people to look at, below `.local/screenshots`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

const violations = z.array(
  z.object({
    id: z.string(),
    impact: z.string().nullable(),
    nodes: z.array(z.object({ html: z.string() })),
  }),
);

/** True while an animation runs that will end. A spinner turns forever and changes no contrast. */
const IS_MOVING = `document.getAnimations().some(
  (animation) => animation.playState === 'running' && animation.effect?.getComputedTiming().endTime !== Infinity,
)`;

/** Waits until every animation of the page has ended: text that fades in has no contrast yet. */
async function untilStill(page: Page): Promise<void> {
  await eventually('the page is still', async () => !(await page.evaluate(IS_MOVING)) || undefined, { everyMs: 50 });
}

/** Returns each issue of accessibility that axe calls serious or critical, once the page is still. */
export async function graveFaults(page: Page): Promise<readonly string[]> {
  await untilStill(page);
  // Evaluated as a debugger does it, for the page's own policy would not let a script in.
  await page.evaluate(axe.source);
  const found = violations.parse(await page.evaluate('axe.run().then(({ violations }) => violations)'));
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** Fails for each grave fault of accessibility. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  expect(await graveFaults(page), what).toEqual([]);
}
