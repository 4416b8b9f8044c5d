import { monitored, untouched, waits } from '../expectation.ts';
import { HOUR, MINUTE, SECOND } from '../scene.ts';
import { CHARITY, CLOUD, GAME, PLANS, type Shop, TOLLS } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

/** Subscriptions, top-ups, tolls and nightly runs. A plan repeats its charges, or a job ran twice. */
export const plans: readonly WeekStory[] = [
  { kind: 'daily-renewals', times: 3, day: 0, hours: [5, 7], play: dailyRenewals },
  { kind: 'top-ups-by-threshold', times: 3, play: topUpsByThreshold },
  { kind: 'hourly-reload', times: 2, day: 1, hours: [0, 1], play: hourlyReload },
  { kind: 'hourly-reload-with-a-copy', times: 2, day: 2, hours: [0, 1], play: hourlyReloadWithACopy },
  { kind: 'coin-packs', times: 3, play: coinPacks },
  { kind: 'toll-tag-as-order', times: 3, hours: [6, 8], play: tollTagAsOrder },
  { kind: 'nightly-double-run', times: 6, day: 3, hours: [2, 2], play: (stage) => nightlyDoubleRun(stage, PLANS) },
  { kind: 'nightly-double-run-monitored', times: 6, day: 4, hours: [2, 2], play: monitoredDoubleRun },
];

/**
 * Case 9: four renewals carry the parent order's number. A day apart is beyond the review window. Some seconds less is
 * within it. A chain reaches no further than that window from its original.
 */
function dailyRenewals(stage: Stage): void {
  const sale = stage.sale(PLANS);
  stage.capture(sale);
  stage.wait(24 * HOUR);
  const second = stage.capture(sale);
  stage.wait(24 * HOUR - 20 * SECOND);
  const third = stage.capture(sale);
  stage.wait(24 * HOUR - 15 * SECOND);
  stage.capture(sale);
  stage.expect({
    detector: 'same-order',
    members: [untouched(second), waits(third, 'may-split', 'late-copy', 'recurring', 'common-order')],
  });
}

/** Case 5: each top-up answered a shortfall, and the order is the wallet's own id. */
function topUpsByThreshold(stage: Stage): void {
  const sale = stage.sale(CLOUD, { order: stage.token('wallet') });
  const first = stage.capture(sale);
  const others = Array.from({ length: 3 }, () => {
    stage.wait(15 * MINUTE, 19 * MINUTE);
    return stage.capture(sale);
  });
  stage.expect({
    detector: 'same-order',
    members: [untouched(first), ...others.map((topUp) => waits(topUp, 'may-split'))],
  });
}

/** Case 41: reloads an hour apart and without an order meet under no detector. */
function hourlyReload(stage: Stage): void {
  const sale = stage.sale(CLOUD, { order: undefined });
  for (let hour = 0; hour < 24; hour++) {
    stage.capture(sale);
    stage.wait(HOUR);
  }
}

/** Case 45: one reload is charged twice. The steady period of the plan is one more reason to wait. */
function hourlyReloadWithACopy(stage: Stage): void {
  const sale = stage.sale(CLOUD, { order: undefined });
  for (let hour = 0; hour < 12; hour++) {
    const reload = stage.capture(sale);
    if (hour === 7) {
      stage.wait(20 * SECOND);
      stage.expect({
        detector: 'rapid-repeat',
        members: [untouched(reload), waits(stage.capture(sale), 'may-split', 'recurring', 'review')],
      });
      stage.wait(HOUR - 20 * SECOND);
    } else stage.wait(HOUR);
  }
}

/** Case 37: one payer buys three packs in two minutes, each as an order. */
function coinPacks(stage: Stage): void {
  const sale = stage.sale(GAME);
  const [first, ...others] = ['a', 'b', 'c'].map((pack) => {
    stage.wait(30 * SECOND, 50 * SECOND);
    return stage.capture({ ...sale, order: stage.token('pack', pack) });
  });
  if (first === undefined) throw new Error('three packs have a first');
  stage.expect({
    detector: 'rapid-repeat',
    members: [untouched(first), ...others.map((pack) => waits(pack, 'may-split', 'empties-order', 'review'))],
  });
}

/** The order number is the tag on the windscreen. The way home costs what the way to work costs. */
function tollTagAsOrder(stage: Stage): void {
  const sale = stage.sale(TOLLS, { order: stage.token('tag') });
  const first = stage.capture(sale);
  stage.wait(9 * HOUR, 10 * HOUR);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'may-split')] });
}

/** Case 30: a job runs twice within ten minutes, each time with an invoice of its own. */
function runTwice(stage: Stage, shop: Shop) {
  const sale = stage.sale(shop);
  const first = stage.capture({ ...sale, order: stage.token('inv', 'a') });
  stage.wait(9 * MINUTE, 11 * MINUTE);
  return { first, second: stage.capture({ ...sale, order: stage.token('inv', 'b') }) };
}

function nightlyDoubleRun(stage: Stage, shop: Shop): void {
  const { first, second } = runTwice(stage, shop);
  stage.expect({
    detector: 'another-order',
    members: [untouched(first), waits(second, 'may-split', 'empties-order', 'review')],
  });
}

function monitoredDoubleRun(stage: Stage): void {
  const { first, second } = runTwice(stage, CHARITY);
  stage.expect({ detector: 'another-order', members: [untouched(first), monitored(second)] });
}
