import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Deployed, startDeployed } from './deployed.ts';
import { linesThatMatch } from './logs.ts';
import { attackStories } from './stories/attacks.ts';
import { bugStories } from './stories/bugs.ts';
import { crashStories } from './stories/crashes.ts';
import { deadlineStories } from './stories/deadlines.ts';
import { detectStories } from './stories/detect.ts';
import { freezeStories } from './stories/freeze.ts';
import { holdStories } from './stories/holds.ts';
import { incidentStories } from './stories/incidents.ts';
import { jobStories } from './stories/jobs.ts';
import { orderStories } from './stories/orders.ts';
import { payerStories } from './stories/payers.ts';
import { processorStories } from './stories/processor.ts';
import { quarantineStories } from './stories/quarantine.ts';
import { reconcileStories } from './stories/reconcile.ts';
import { refundStories } from './stories/refunds.ts';
import { sealStories } from './stories/seals.ts';
import { sweepStories } from './stories/sweep.ts';

// One deployment for all. Every story waits for the same grace period, so all run at once; their tokens differ, so
// that they do not meet.
vi.setConfig({ maxConcurrency: 50 });

let deployed: Deployed | undefined;

beforeAll(async () => {
  deployed = await startDeployed();
});

afterAll(async () => {
  await deployed?.end();
});

function world(): Deployed {
  if (deployed === undefined) throw new Error('the stack is up before any test');
  return deployed;
}

describe.concurrent('on the deployed stack', () => {
  refundStories(world);
  orderStories(world);
  holdStories(world);
  freezeStories(world);
  processorStories(world);
  crashStories(world);
  quarantineStories(world);
  bugStories(world);
  sweepStories(world);
  sealStories(world);
  deadlineStories(world);
  reconcileStories(world);
  detectStories(world);
  incidentStories(world);
  jobStories(world);
  payerStories(world);
  attackStories(world);
});

/** The tokens of stories (story.ts): of payers, orders, merchants and charges, in whatever a story has sent. */
const TOKEN = /\b(?:p|o|m|ch)_[0-9a-f]{12}/;

it('no log of the stack has a token of an event, whatever the stories did', async () => {
  const { stack } = world();
  expect((await linesThatMatch(stack, /batch judged/)).length).toBeGreaterThan(0);
  expect(await linesThatMatch(stack, TOKEN)).toEqual([]);
});
