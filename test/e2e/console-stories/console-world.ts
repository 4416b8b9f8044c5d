import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Charge } from '../../../core/events/payment-event.ts';
import { double11 } from '../../../scenario/double11.ts';
import { openBrowser, openDesk, signInAt } from '../browser.ts';
import { type Running, run } from '../commands.ts';
import { type Deployed, deployedOn, idOf } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { freePort, leftoversOf } from '../leftovers.ts';
import { attachToStack } from '../stack.ts';
import { newStory, type Story } from '../story.ts';

export interface User {
  readonly name: string;
  readonly password: string;
}

/** A desk is one browser window; desks share nothing. */
type UseOfDesks = (...pages: Page[]) => Promise<void>;

/** A run with a console, and what the stories of the console do with it. */
export interface ConsoleWorld {
  readonly url: string;
  readonly running: Running;
  readonly deployed: Deployed;
  /** The approvers that the run has printed. */
  readonly ada: User;
  readonly lin: User;
  /** Opens the console without a sign-in, and closes it after the use. */
  visit(use: UseOfDesks): Promise<void>;
  /** Signs each user in at a desk of its own, and closes all desks after the use. */
  signedIn(users: readonly User[], use: UseOfDesks): Promise<void>;
  leftovers(): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** The API's refusals are answers; all other errors on a page's console are faults. */
const REFUSAL = /status of 4\d\d/;
/**
 * The drilled merchants have an incident from eight cases in a minute (configuration/local.json). The stream has two
 * shards: on a busy machine one can be minutes behind, and the other alone must still have eight.
 */
const BURST = 24;
const UP = /The console is at (\S+); sign in as (\S+) \/ (\S+) or (\S+) \/ (\S+)\./;

export async function startConsole(): Promise<ConsoleWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-console-'));
  const events = join(folder, 'sale.ndjson');
  writeFileSync(events, double11({ orders: 150, seed: 7 }).lines.join('\n'));
  const port = await freePort();
  const options = ['--events', events, '--port', String(port), '--console-port', '0'];
  const key = randomBytes(32).toString('hex');
  const running = run('local/start.ts', options, { AWS_ENDPOINT_URL: undefined, ONECHARGE_EMULATOR_KEY: key });
  const [, url = '', ...printed] = await untilPrinted(running, UP);
  const [ada, lin] = [userOf('ada', printed), userOf('lin', printed)];
  const deployed = await deployedOn(await attachToStack({ endpoint: `http://127.0.0.1:${port}`, key }));
  const browser = await openBrowser();
  return {
    url,
    running,
    deployed,
    ada,
    lin,
    visit: (use) => atDesks(browser, { url, count: 1, use }),
    signedIn: (users, use) =>
      atDesks(browser, {
        url,
        count: users.length,
        use: async (...pages) => {
          await Promise.all(pages.map((page, at) => signInAt(page, users[at]!))); // as many desks as users
          await use(...pages);
        },
      }),
    leftovers: () => leftoversOf(port, folder),
    end: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a run has printed a text. */
export async function untilPrinted(running: Running, text: RegExp): Promise<RegExpExecArray> {
  return eventually(`the run prints ${text}`, async () => {
    if (running.child.exitCode !== null) throw new Error(`it ended:\n${running.stderr()}`);
    return text.exec(running.stderr()) ?? undefined;
  });
}

interface AtDesks {
  readonly url: string;
  readonly count: number;
  readonly use: UseOfDesks;
}

/** No page may have complained meanwhile of its own security policy or of an error. */
async function atDesks(browser: Browser, { url, count, use }: AtDesks): Promise<void> {
  const desks = await Promise.all(Array.from({ length: count }, () => openDesk(browser, url)));
  try {
    await use(...desks.map(({ page }) => page));
  } finally {
    await Promise.all(desks.map((desk) => desk.close()));
  }
  const complaints = desks.flatMap((desk) => desk.complaints);
  expect(complaints.filter((complaint) => !REFUSAL.test(complaint))).toEqual([]);
}

/** Finds a user in the names and passwords that the run has printed. */
function userOf(name: string, printed: readonly string[]): User {
  const password = printed[printed.indexOf(name) + 1];
  if (!printed.includes(name) || password === undefined) throw new Error(`the run printed no ${name}`);
  return { name, password };
}

/** The same payer pays the same amount twice for two orders: an approver must decide about the second. */
export function twoOrders(story: Story, shows: Partial<Charge>): readonly [original: Charge, repeat: Charge] {
  return [
    story.charge('1', { order: `${story.order}_1`, ...shows }),
    story.charge('2', { order: `${story.order}_2`, ...shows }),
  ];
}

/** Captures two orders of a new story and waits until they are a case. */
export async function captureCase({ deployed }: ConsoleWorld): Promise<Story> {
  const story = newStory();
  const [original, repeat] = twoOrders(story, { amountMinor: 4_200 });
  await deployed.capture(original, repeat);
  await eventually('the second order is a case', () => deployed.flagOf(repeat));
  return story;
}

/** Captures two orders of a new story and waits until the second one's refund waits for an approver. */
export async function captureHeld({ deployed }: ConsoleWorld, amountMinor: number): Promise<Story> {
  const story = newStory();
  const [original, repeat] = twoOrders(story, { amountMinor });
  await deployed.capture(original, repeat);
  await deployed.untilFlag(repeat, 'held');
  return story;
}

/** Opens the case of a story's first charge on a page in English. */
export async function openCaseOf(page: Page, { charge }: Story): Promise<void> {
  await page.goto(`/cases/${idOf(charge('1'))}`);
  await page.getByRole('heading', { name: /^Case / }).waitFor();
}

/** Captures many cases of one merchant at once: an incident. Returns the charges that wait for an approver. */
export async function captureBurst(deployed: Deployed, merchant: string): Promise<readonly Charge[]> {
  const pairs = Array.from({ length: BURST }, () => twoOrders(newStory(), { merchant, amountMinor: 2_600 }));
  await deployed.capture(...pairs.flat());
  return pairs.map(([, repeat]) => repeat);
}
