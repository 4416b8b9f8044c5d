import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { endAll } from './commands.ts';
import { caseStories } from './console-stories/cases.ts';
import type { ConsoleWorld } from './console-stories/console-world.ts';
import { startConsole, untilPrinted } from './console-stories/console-world.ts';
import { decisionStories } from './console-stories/decisions.ts';
import { lookStories } from './console-stories/looks.ts';
import { signInStories } from './console-stories/sign-in.ts';
import { thawStories } from './console-stories/thaw.ts';
import { untilNothingIsLeft } from './leftovers.ts';
import { linesThatMatch } from './logs.ts';

let console: ConsoleWorld | undefined;

beforeAll(async () => {
  console = await startConsole();
});

afterAll(async () => {
  await console?.end();
  await endAll();
});

function world(): ConsoleWorld {
  if (console === undefined) throw new Error('the console is up before any test');
  return console;
}

// One run for all. Each story captures its own charges and opens its own browser windows. Most of a story is the grace
// period, so a few run at once.
vi.setConfig({ maxConcurrency: 4 });

describe.concurrent('the console', () => {
  signInStories(world);
  caseStories(world);
  decisionStories(world);
  lookStories(world);
});

/** The tokens of the sale (scenario/double11.ts) and of the stories (story.ts): of payers, orders, merchants, charges, cards. */
const TOKEN = /\b(?:p|o|m|ch|tok)_(?:\d|[0-9a-f]{12})/;

// After the stories, since it ends their run.
describe('the console’s run', () => {
  test('has no token of an event in its logs, nor in what it prints', async () => {
    const { running, deployed } = world();
    await untilPrinted(running, /Onecharge is up/);
    expect((await linesThatMatch(deployed.stack, /batch judged/)).length).toBeGreaterThan(0);
    expect(await linesThatMatch(deployed.stack, TOKEN)).toEqual([]);
    expect(running.stderr()).not.toMatch(TOKEN);
  });

  // Once all refunds have ended: one that a freeze meets asks again a quarter of an hour later.
  thawStories(world);

  test('ends in order and leaves nothing behind', async () => {
    const { running, url, leftovers } = world();
    await untilPrinted(running, /Onecharge is up/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 0 });
    await untilNothingIsLeft(leftovers);
    await expect(fetch(url)).rejects.toThrow();
  });
});
