import type { Ms } from '../../core/brands.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { held, refunded, sometimes, untouched } from '../expectation.ts';
import { BANK, DAY, HOUR, MINUTE, type Purchase, type Scene, SECOND, type StoryKind } from '../scene.ts';
import { closePaid } from './ordinary.ts';

/** The night itself: "payment failed", the money gone all the same, and so once more. One charge per order stands. */
export const retries: readonly StoryKind[] = [
  { kind: 'charged-twice', in1500: 26, play: (scene) => chargedTimes(scene, 2) },
  { kind: 'charged-3-times', in1500: 10, play: (scene) => chargedTimes(scene, 3) },
  { kind: 'charged-5-times', in1500: 6, play: (scene) => chargedTimes(scene, 5) },
  { kind: 'charged-22-times', in1500: 2, play: (scene) => chargedTimes(scene, 22) },
  { kind: 'deposit-charged-twice', in1500: 4, play: depositChargedTwice },
  { kind: 'second-instrument', in1500: 12, play: secondInstrument },
  { kind: 'second-processor', in1500: 8, play: secondProcessor },
  { kind: 'family-pay', in1500: 12, play: familyPay },
  { kind: 'five-times-and-family', in1500: 2, play: fiveTimesAndFamily },
  { kind: 'retry-almost-a-day-later', in1500: 2, play: (scene) => dayLater(scene, DAY - 1) },
  { kind: 'retry-a-day-later', in1500: 3, play: (scene) => dayLater(scene, DAY) },
  { kind: 'chain-over-hours', in1500: 2, play: chainOverHours },
  { kind: 'retry-delivered-first', in1500: 3, play: retryDeliveredFirst },
  { kind: 'original-beyond-lateness', in1500: 3, play: originalBeyondLateness },
];

/** All of these come from one payer, so they are processed in this order: the first stands. */
function chargedTimes(scene: Scene, times: number): void {
  const purchase = scene.purchase();
  standsAlone(scene, captureTimes(scene, purchase, times));
  closePaid(scene, purchase);
}

/** The deposit owes one and the balance owes one: of three charges of one order, one is too many. */
function depositChargedTwice(scene: Scene): void {
  const purchase = scene.purchase();
  const deposit = { ...purchase, part: 'deposit', amountMinor: Math.ceil(purchase.amountMinor / 10) };
  scene.wait(-3 * DAY, -2 * DAY);
  standsAlone(scene, captureTimes(scene, deposit, 2));
  scene.wait(2 * DAY);
  scene.capture({ ...purchase, part: 'balance' });
}

function secondInstrument(scene: Scene): void {
  const purchase = scene.purchase();
  const wallet = scene.capture(purchase);
  scene.wait(30 * SECOND, 12 * MINUTE);
  standsAlone(scene, [wallet, scene.capture({ ...purchase, instrument: scene.token('tok', 'debit') })]);
  closePaid(scene, purchase);
}

/** The bank numbers its charges itself, here with the very number that the wallet used: these are two charges. */
function secondProcessor(scene: Scene): void {
  const purchase = scene.purchase();
  const wallet = scene.capture(purchase);
  scene.wait(MINUTE, 20 * MINUTE);
  const bank = { ...purchase, source: BANK, instrument: scene.token('tok', 'bank'), channel: 'bank-app' };
  standsAlone(scene, [wallet, scene.capture(bank, { chargeId: wallet.chargeId })]);
  closePaid(scene, purchase);
}

/** Two payers are two partitions: whichever is processed first becomes the original. */
function familyPay(scene: Scene): void {
  const purchase = scene.purchase();
  const child = scene.capture(purchase);
  scene.wait(MINUTE, 30 * MINUTE);
  const parent = scene.capture(byFamily(scene, purchase));
  scene.expect({
    detector: 'same-order',
    members: [sometimes(child), sometimes(parent)],
    anyFirst: true,
    refundedAmong: 1,
  });
  closePaid(scene, purchase);
}

/** As told in the press: five times from a bank card and once from a family account. */
function fiveTimesAndFamily(scene: Scene): void {
  const purchase = scene.purchase();
  const [first, ...more] = captureTimes(scene, purchase, 5);
  scene.wait(MINUTE, 9 * MINUTE);
  const family = scene.capture(byFamily(scene, purchase));
  if (first === undefined) throw new Error('five captures have a first');
  scene.expect({
    detector: 'same-order',
    members: [sometimes(first), ...more.map((charge) => refunded(charge)), sometimes(family)],
    anyFirst: true,
    refundedAmong: 1,
  });
  scene.close(purchase, 'paid');
}

/**
 * The window is 24 hours with its last millisecond: exactly a day later is a copy, one more is not. A number that comes
 * again a day later is no outage: the copy waits.
 */
function dayLater(scene: Scene, laterMs: Ms): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase, { lateMs: 0 });
  scene.wait(laterMs);
  const second = scene.capture(purchase, { lateMs: 0 });
  if (laterMs < DAY) scene.expect({ detector: 'same-order', members: [untouched(first), held(second)] });
}

/** Hours apart, and at no steady period: a client that tries again all morning. */
function chainOverHours(scene: Scene): void {
  const purchase = scene.purchase();
  const charges = [scene.capture(purchase)];
  for (const hours of [2, 7]) {
    scene.wait(hours * HOUR, (hours + 1) * HOUR);
    charges.push(scene.capture(purchase));
  }
  standsAlone(scene, charges);
}

/** The retry overtakes the first try by minutes. First *remembered* is original, so the first try is refunded. */
function retryDeliveredFirst(scene: Scene): void {
  const purchase = scene.purchase();
  const retry = scene.capture(purchase, { lateMs: 0 });
  scene.wait(10 * SECOND, MINUTE);
  standsAlone(scene, [retry, scene.capture(purchase, { lateMs: 2 * MINUTE + scene.random.integer(0, 3 * MINUTE) })]);
  closePaid(scene, purchase);
}

/** Later than the lateness of an hour: that is marked and counted, and judged like any other. */
function originalBeyondLateness(scene: Scene): void {
  const purchase = scene.purchase();
  const retry = scene.capture(purchase, { lateMs: 0 });
  const behindMs = scene.random.integer(70 * MINUTE, 5 * HOUR);
  scene.wait(behindMs);
  standsAlone(scene, [retry, scene.capture(purchase, { lateMs: behindMs + 2 * MINUTE })]);
}

/** Some retries arrive minutes late, and so before or after their neighbours by event time. */
export function captureTimes(scene: Scene, purchase: Purchase, times: number): Charge[] {
  return Array.from({ length: times }, () => {
    scene.wait(4 * SECOND, 75 * SECOND);
    const lateMs = scene.random.chance(0.15) ? scene.random.integer(MINUTE, 4 * MINUTE) : 700;
    return scene.capture(purchase, { lateMs });
  });
}

export function byFamily(scene: Scene, purchase: Purchase): Purchase {
  return { ...purchase, payer: scene.token('p', 'family'), instrument: scene.token('tok', 'family') };
}

/** The first of one payer's charges stands, all others are refunded. */
export function standsAlone(scene: Scene, charges: readonly Charge[]): void {
  const members = charges.map((charge, index) => (index === 0 ? untouched(charge) : refunded(charge)));
  scene.expect({ detector: 'same-order', members });
}
