import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Charge } from '../../core/events/payment-event.ts';
import { double11 } from '../../scenario/double11.ts';
import { type Desk, expectAccessible, openBrowser, openDesk, screenshot, signInAt, tabTo } from './browser.ts';
import { endAll, type Running, run } from './commands.ts';
import { idOf } from './deployed.ts';
import { eventually } from './eventually.ts';
import { freePort, leftoversOf } from './leftovers.ts';
import { createUser } from './people.ts';
import { captured, newStory, type Story } from './story.ts';

/** Far above the amount from which two people must approve (configuration/local.json). */
const LARGE_MINOR = 88_800;

/** Of this merchant the local configuration takes eight cases in a minute for an incident. */
const BURST = 'm_drill';
/** Every minute tells what an incident's cases wait for: two of them, on a busy machine. */
const DIGESTS_MS = 240_000;

/** Each page, and a text that it shows once it has read what it shows. */
const PAGES = [
  ['', '最近一小时检查的扣款'],
  ['incidents', `商户 ${BURST}`],
  ['payers', '请输入商户与订单号'],
  ['settings', 'same-order'],
] as const;

/** Under which names the browser keeps tokens, wherever. */
const TOKEN_NAMES = '[sessionStorage, localStorage].flatMap(Object.keys).filter((name) => /token/i.test(name))';

const configSchema = z.looseObject({ userPoolId: z.string() });

const large = newStory();
const small = newStory();
const meant = newStory();
const burst = Array.from({ length: 10 }, () => newStory());

let folder = '';
let port = 0;
let running: Running;
let url = '';
let passwords: ReadonlyMap<string, string>;
let browser: Browser;
let ada: Desk;
let lin: Desk;
let viewer: Desk;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-console-'));
  const events = join(folder, 'sale.ndjson');
  const own = [
    ...[...twoOrders(large, LARGE_MINOR), ...twoOrders(small, 4_200), ...twoOrders(meant, 1_800)],
    ...burst.flatMap((story) => twoOrders(story, 2_600)).map((charge) => ({ ...charge, merchant: BURST })),
  ];
  const night = double11({ orders: 150, seed: 7 }).lines;
  writeFileSync(events, [...own.map((charge) => JSON.stringify(captured(charge))), ...night].join('\n'));
  port = await freePort();
  const options = ['--events', events, '--port', String(port), '--console-port', '0'];
  running = run('local/start.ts', options, { AWS_ENDPOINT_URL: undefined });
  browser = await openBrowser();
  const said = await eventually('the console is up', async () => {
    if (running.child.exitCode !== null) throw new Error(`it ended:\n${running.stderr()}`);
    return /The console is at (\S+); sign in as (\S+) \/ (\S+) or (\S+) \/ (\S+)\./.exec(running.stderr()) ?? undefined;
  });
  url = said[1] ?? '';
  passwords = new Map([
    [said[2] ?? '', said[3] ?? ''],
    [said[4] ?? '', said[5] ?? ''],
  ]);
  [ada, lin] = await Promise.all([openDesk(browser, url), openDesk(browser, url)]);
});

afterAll(async () => {
  await browser?.close();
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

describe('the console', () => {
  test('lets nobody in with a wrong password, and says so', async () => {
    const { page } = ada;
    await page.goto('/');
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('wrong-Password-1');
    await page.keyboard.press('Enter');
    await page.getByText('Name or password is wrong.').waitFor();
    await expectAccessible(page, 'sign-in');
    await screenshot(page, 'sign-in');
  });

  test('shows the replay as it arrives, without being asked', async () => {
    const { page } = ada;
    await signInAt(page, userOf('ada'));
    await page.getByText('Charges watched, last hour').waitFor();
    await page.getByRole('link', { name: 'Cases', exact: true }).first().click();
    await page.locator('tbody tr').nth(5).waitFor();
    await expectAccessible(page, 'cases');
    await screenshot(page, 'cases');
  });

  test('finds the cases of one merchant by the keyboard alone, and keeps them in the address', async () => {
    const { page } = ada;
    await page.getByLabel(/^Find cases/).focus();
    await page.keyboard.type(`Merchant = ${large.merchant}`);
    await page.keyboard.press('Enter');
    // Until the answer is there, the rows of before stay, and this one may be among them.
    await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('cell', { name: large.merchant }).waitFor();
    expect(new URL(page.url()).searchParams.get('merchant')).toBe(large.merchant);
    await page.locator('tbody a').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Case / }).waitFor();
  });

  test('exports what the filter lets through, with progress and a link', async () => {
    const { page } = ada;
    await page.goto(`/cases?merchant=${large.merchant}`);
    await page.getByRole('cell', { name: large.merchant }).waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click();
    const link = page.getByRole('link', { name: 'Download' });
    await link.waitFor();
    await screenshot(page, 'export');
    const file = await fetch((await link.getAttribute('href')) ?? '');
    const [head, ...rows] = (await file.text()).trim().split('\n');
    expect(head).toContain('merchant');
    expect(rows.filter((row) => row.includes(large.merchant))).toHaveLength(rows.length);
    expect(rows).not.toEqual([]);
    await page.getByRole('button', { name: 'Close' }).last().click();
  });

  test('asks a second person for a large refund, and shows the first how it goes on', async () => {
    const [{ page }, { page: second }] = [ada, lin];
    await openCaseOf(page, large);
    await page.getByRole('img', { name: /^When each charge/ }).waitFor();
    await page.getByRole('button', { name: 'Approve refund' }).click();
    await page.getByLabel('Reason').fill('both orders are one');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText('another person must approve the refund').waitFor();
    await page.getByText('Another person must say so too.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve refund' }).count()).toBe(0);
    await expectAccessible(page, 'case that waits');
    await screenshot(page, 'case-waits');

    await signInAt(second, userOf('lin'));
    await second.goto(new URL(page.url()).pathname);
    // By the keyboard alone.
    await tabTo(second, second.getByRole('button', { name: 'Approve refund' }));
    await second.keyboard.press('Enter');
    await tabTo(second, second.getByLabel('Reason'));
    await second.keyboard.type('so I see it too');
    await tabTo(second, second.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }));
    await second.keyboard.press('Enter');
    await second.getByText('Approved: the refund').waitFor();

    // Neither of the two does anything more.
    for (const { page: one } of [ada, lin]) {
      await one.getByText('Refunded', { exact: true }).nth(1).waitFor();
      await one.getByText('Resolved').first().waitFor();
      expect(await one.getByRole('button', { name: /^(Approve|Keep)/ }).count()).toBe(0);
    }
    await screenshot(page, 'case-refunded');
  });

  test('tells whoever is about to decide that somebody else was faster', async () => {
    const [{ page }, { page: second }] = [ada, lin];
    for (const one of [page, second]) await openCaseOf(one, meant);
    await page.getByRole('button', { name: 'Approve refund' }).click();
    await page.getByLabel('Reason').waitFor();
    await second.getByRole('button', { name: 'Keep charge' }).click();
    await second.getByLabel('Reason').fill('two coffees');
    await screenshot(second, 'keep');
    await second.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click();
    await second.getByText('Kept:').waitFor();
    await page.getByText('This has changed since the page showed it.').waitFor();
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(
      true,
    );
    await screenshot(page, 'case-moved');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  });

  test('tells a burst as one incident, and approves at once what waits in it', async () => {
    const { page } = ada;
    await page.goto('/incidents');
    await page.getByRole('link', { name: `Merchant ${BURST}` }).click();
    await page.getByRole('heading', { name: `Merchant ${BURST}` }).waitFor();
    await page.getByRole('heading', { name: 'Money by currency', exact: true }).waitFor();
    const approve = page.getByRole('button', { name: 'Approve all that waits' });
    await approve.waitFor({ timeout: DIGESTS_MS });
    await expectAccessible(page, 'incident');
    await screenshot(page, 'incident');
    await approve.click();
    await page.getByLabel('Reason').fill('the outage of tonight');
    const dialog = page.getByRole('dialog');
    await expectAccessible(page, 'approval of an incident');
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByText(/^Approved: [1-9]\d*\. Another person must approve too: 0\. Passed over: 0\.$/).waitFor();
    await screenshot(page, 'incident-approved');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  test('offers a viewer nothing to decide', async () => {
    const { userPoolId } = configSchema.parse(await (await fetch(`${url}/config.json`)).json());
    const user = await createUser({ endpoint: `http://127.0.0.1:${port}`, userPoolId }, 'viewer');
    viewer = await openDesk(browser, url);
    const { page } = viewer;
    await signInAt(page, user);
    await openCaseOf(page, small);
    await page.getByText('This refund waits').waitFor();
    expect(await page.getByRole('button', { name: /^(Approve|Keep)/ }).count()).toBe(0);
  });

  test('signs out whoever the API no longer knows, and leaves no token behind', async () => {
    const { page } = viewer;
    const kept = async () => z.array(z.string()).parse(await page.evaluate(TOKEN_NAMES));
    expect(await kept()).not.toEqual([]);
    await page.route('**/api/**', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
    await page.getByText('You have been signed out.').waitFor();
    await eventually('no token is left', async () => (await kept()).length === 0 || undefined);
    expect(await page.getByText(small.merchant).count()).toBe(0);
  });

  test('takes a comment, under the name of whoever wrote it', async () => {
    const { page } = ada;
    await openCaseOf(page, small);
    await page.getByLabel('Add a comment').fill('the shop was called, and calls back');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('the shop was called, and calls back', { exact: true }).nth(0).waitFor();
    await page.getByText('ada (you)').first().waitFor();
    await page.getByText('Nobody has said anything yet.').waitFor({ state: 'hidden' });
  });

  test('tells what a payer who calls may know', async () => {
    const { page } = ada;
    await page.getByRole('link', { name: 'Payer look-up' }).click();
    await page.getByRole('textbox', { name: 'Merchant' }).fill(large.merchant);
    await page.getByRole('textbox', { name: 'Order' }).fill(`${large.order}_2`);
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('A duplicate was found among these charges.').waitFor();
    await page.getByText('Refunded', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('order')).toBe(`${large.order}_2`);
  });

  test('is the same in Chinese and in the dark', async () => {
    const { page } = ada;
    await openCaseOf(page, small);
    await page.getByRole('button', { name: 'Preferences' }).click();
    await page.getByRole('menuitemcheckbox', { name: '简体中文' }).click();
    await page.getByRole('heading', { name: /^案件/ }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN');
    await page.getByRole('button', { name: '偏好设置' }).click();
    await page.getByRole('menuitemcheckbox', { name: '深色' }).click();
    await expectAccessible(page, 'case in the dark');
    await screenshot(page, 'case-dark-zh');
    await page.getByRole('link', { name: '案件', exact: true }).first().click();
    await page.locator('tbody tr').nth(5).waitFor();
    await expectAccessible(page, 'cases in the dark');
    await screenshot(page, 'cases-dark-zh');
  });

  test.each([
    { theme: '浅色', suffix: '' },
    { theme: '深色', suffix: '-dark' },
  ])('has no serious fault of accessibility on any page ($theme)', async ({ theme, suffix }) => {
    const { page } = ada;
    await page.getByRole('button', { name: '偏好设置' }).click();
    await page.getByRole('menuitemcheckbox', { name: theme }).click();
    for (const [name, ready] of PAGES) {
      await page.goto(`/${name}`);
      await page.getByText(ready).first().waitFor();
      await expectAccessible(page, `${name || 'overview'}${suffix}`);
      await screenshot(page, `${name || 'overview'}${suffix}`);
    }
  });

  test('was never refused anything by its own security policy, and made no error', () => {
    const expected = /status of 4\d\d/;
    for (const { complaints } of [ada, lin]) expect(complaints.filter((said) => !expected.test(said))).toEqual([]);
  });

  test('ends with its run and leaves nothing behind', async () => {
    await eventually('the run is up', async () => running.stderr().includes('Onecharge is up') || undefined);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(await leftoversOf(port, folder)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });
});

function userOf(name: string): { name: string; password: string } {
  const password = passwords.get(name);
  if (password === undefined) throw new Error(`the run told of no ${name}`);
  return { name, password };
}

async function openCaseOf(page: Desk['page'], { charge }: Story): Promise<void> {
  await page.goto(`/cases/${idOf(charge('1'))}`);
  await page.getByRole('heading', { name: /^Case / }).waitFor();
}

/** The same payer pays the same twice for two orders: people must say whether that was meant. */
function twoOrders(story: Story, amountMinor: number): readonly Charge[] {
  return ['1', '2'].map((label) => story.charge(label, { order: `${story.order}_${label}`, amountMinor }));
}
