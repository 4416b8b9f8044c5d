import { fleeting, held, refunded } from '../expectation.ts';
import { MINUTE, type Scene, SECOND, type StoryKind } from '../scene.ts';
import { byFamily, captureTimes } from './retries.ts';

/**
 * Orders closed unpaid owe nothing: even the first charge goes back, where the closing can speak of it. A closing has no payer, so it may be processed
 * before or after any charge: the end is the same, only flags that a later closing takes back may or may not appear.
 */
export const closings: readonly StoryKind[] = [
  { kind: 'closed-unpaid', in1500: 9, play: (scene) => closedUnpaid(scene, 1) },
  { kind: 'closed-unpaid-after-retries', in1500: 4, play: (scene) => closedUnpaid(scene, 3) },
  { kind: 'closed-unpaid-with-deposit', in1500: 3, play: closedUnpaidWithDeposit },
  { kind: 'closed-unpaid-family', in1500: 3, play: closedUnpaidFamily },
  { kind: 'charge-after-closed-unpaid', in1500: 6, play: chargeAfterClosedUnpaid },
  { kind: 'retry-after-closed-unpaid', in1500: 3, play: retryAfterClosedUnpaid },
  { kind: 'paid-then-unpaid', in1500: 4, play: paidThenUnpaid },
  { kind: 'unpaid-then-paid', in1500: 5, play: unpaidThenPaid },
  { kind: 'unpaid-overtaken-by-paid', in1500: 4, play: unpaidOvertakenByPaid },
  { kind: 'unpaid-and-paid-at-once', in1500: 2, play: unpaidAndPaidAtOnce },
];

function closedUnpaid(scene: Scene, times: number): void {
  const purchase = scene.purchase();
  const charges = captureTimes(scene, purchase, times);
  scene.wait(15 * MINUTE, 40 * MINUTE);
  scene.close(purchase, 'unpaid');
  scene.expect({ detector: 'same-order', owed: 0, members: charges.map((charge) => refunded(charge)) });
}

/** Deposit and balance are two clusters, and so two cases, of one order. */
function closedUnpaidWithDeposit(scene: Scene): void {
  const purchase = scene.purchase();
  const deposit = scene.capture({ ...purchase, part: 'deposit', amountMinor: Math.ceil(purchase.amountMinor / 5) });
  scene.wait(30 * MINUTE, 90 * MINUTE);
  const balance = scene.capture({ ...purchase, part: 'balance' });
  scene.wait(15 * MINUTE);
  scene.close(purchase, 'unpaid');
  for (const charge of [deposit, balance]) {
    scene.expect({ detector: 'same-order', owed: 0, members: [refunded(charge)] });
  }
}

/** Nothing is owed, so both payers get their money back; only which of the two is the original is open. */
function closedUnpaidFamily(scene: Scene): void {
  const purchase = scene.purchase();
  const child = scene.capture(purchase);
  scene.wait(MINUTE, 9 * MINUTE);
  const parent = scene.capture(byFamily(scene, purchase));
  scene.wait(15 * MINUTE);
  scene.close(purchase, 'unpaid');
  scene.expect({ detector: 'same-order', owed: 0, anyFirst: true, members: [refunded(child), refunded(parent)] });
}

/** A new try after the closing: whether the shop still wants it, an approver must say. */
function chargeAfterClosedUnpaid(scene: Scene): void {
  const purchase = scene.purchase();
  scene.close(purchase, 'unpaid');
  scene.wait(20 * SECOND, 20 * MINUTE);
  scene.expect({ detector: 'same-order', owed: 0, members: [held(scene.capture(purchase))] });
}

function retryAfterClosedUnpaid(scene: Scene): void {
  const purchase = scene.purchase();
  const before = scene.capture(purchase);
  scene.wait(15 * MINUTE);
  scene.close(purchase, 'unpaid');
  scene.wait(10 * SECOND, 3 * MINUTE);
  const after = scene.capture(purchase);
  scene.expect({ detector: 'same-order', owed: 0, members: [refunded(before), held(after)] });
}

/** The shop gave up the order in the end, after it had said paid: an approver decides what that means. */
function paidThenUnpaid(scene: Scene): void {
  const purchase = scene.purchase();
  const charge = scene.capture(purchase);
  scene.wait(MINUTE);
  scene.close(purchase, 'paid');
  scene.wait(20 * MINUTE);
  scene.close(purchase, 'unpaid');
  scene.expect({ detector: 'same-order', owed: 0, members: [held(charge)] });
}

/** The late confirmation arrives. Seen in between, the charge is flagged, and its claim denied later. */
function unpaidThenPaid(scene: Scene): void {
  const purchase = scene.purchase();
  const charge = scene.capture(purchase);
  scene.wait(15 * MINUTE);
  scene.close(purchase, 'unpaid');
  scene.wait(5 * MINUTE, 30 * MINUTE);
  scene.close(purchase, 'paid');
  scene.expect({ detector: 'same-order', members: [fleeting(charge)] });
}

/** The older word arrives last and must not replace the newer. */
function unpaidOvertakenByPaid(scene: Scene): void {
  const purchase = scene.purchase();
  const charge = scene.capture(purchase);
  scene.wait(15 * MINUTE);
  scene.close(purchase, 'paid');
  scene.wait(30 * SECOND, 5 * MINUTE);
  scene.close(purchase, 'unpaid', { lateMs: 10 * MINUTE });
  scene.expect({ detector: 'same-order', members: [fleeting(charge)] });
}

/** On a tie of event times `paid` holds, whichever comes first. */
function unpaidAndPaidAtOnce(scene: Scene): void {
  const purchase = scene.purchase();
  const charge = scene.capture(purchase);
  scene.wait(15 * MINUTE);
  const outcomes = scene.random.chance(0.5) ? (['paid', 'unpaid'] as const) : (['unpaid', 'paid'] as const);
  for (const outcome of outcomes) scene.close(purchase, outcome, { lateMs: 0 });
  scene.expect({ detector: 'same-order', members: [fleeting(charge)] });
}
