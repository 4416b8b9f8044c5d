import type { Charge } from '../../core/events/payment-event.ts';
import { flagged, fleeting, held, refunded, sometimes, untouched } from '../expectation.ts';
import { HOUR, MINUTE, type Scene, SECOND, type StoryKind } from '../scene.ts';
import { closePaid } from './ordinary.ts';
import { captureTimes } from './retries.ts';

/**
 * Charges that others release: by a void, a failure, or refunds that reach the amount. What is released matches nothing
 * and does not stand, so what came after it may be the only one left. One payer each: the order is then known.
 */
export const releases: readonly StoryKind[] = [
  { kind: 'void-before-duplicate', in1500: 8, play: voidBeforeDuplicate },
  { kind: 'void-before-two-more', in1500: 3, play: voidBeforeTwoMore },
  { kind: 'void-of-original', in1500: 6, play: (scene) => releaseOfTwo(scene, 'original', 'void') },
  { kind: 'void-of-duplicate', in1500: 6, play: (scene) => releaseOfTwo(scene, 'duplicate', 'voidById') },
  { kind: 'void-of-original-of-three', in1500: 4, play: voidOfOriginalOfThree },
  { kind: 'void-of-duplicate-of-three', in1500: 3, play: voidOfDuplicateOfThree },
  { kind: 'void-overtakes-capture', in1500: 4, play: voidOvertakesCapture },
  { kind: 'failed-before-retry', in1500: 8, play: failedBeforeRetry },
  { kind: 'failed-without-capture', in1500: 6, play: failedWithoutCapture },
  { kind: 'failure-of-original', in1500: 4, play: (scene) => releaseOfTwo(scene, 'original', 'fail') },
  { kind: 'refunds-of-duplicate-add-up', in1500: 5, play: (scene) => refundsAddUp(scene, 'duplicate') },
  { kind: 'refunds-of-original-add-up', in1500: 4, play: (scene) => refundsAddUp(scene, 'original') },
  { kind: 'full-refund-before-duplicate', in1500: 4, play: fullRefundBeforeDuplicate },
  { kind: 'partial-refund-of-duplicate', in1500: 6, play: partialRefundOfDuplicate },
  { kind: 'partial-refund-of-original', in1500: 4, play: partialRefundOfOriginal },
];

/** The void is in both windows of the charge: within five minutes a rapid repeat must not see it either. */
function voidBeforeDuplicate(scene: Scene): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase);
  scene.wait(5 * SECOND, MINUTE);
  scene.void(first);
  scene.wait(5 * SECOND, 2 * MINUTE);
  scene.capture(purchase);
  closePaid(scene, purchase);
}

/** All three repeat one charge. It is out, so the second pays for it, and the third is one too many. */
function voidBeforeTwoMore(scene: Scene): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase);
  scene.wait(5 * SECOND, MINUTE);
  scene.void(first);
  const [second, third] = captureTimes(scene, purchase, 2) as [Charge, Charge];
  scene.expect({
    detector: 'same-order',
    members: [untouched(first, { taken: 'released' }), untouched(second), refunded(third)],
  });
}

/** Of two charges one is released by others: the other one stands, and a flag of the duplicate is dismissed. */
function releaseOfTwo(scene: Scene, which: 'original' | 'duplicate', by: 'void' | 'voidById' | 'fail'): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(20 * SECOND, 4 * MINUTE);
  const duplicate = scene.capture(purchase);
  soonOrNextDay(scene);
  scene[by](which === 'original' ? original : duplicate);
  const taken = 'released' as const;
  scene.expect({
    detector: 'same-order',
    members:
      which === 'original'
        ? [untouched(original, { taken }), fleeting(duplicate)]
        : [untouched(original), fleeting(duplicate, { taken })],
  });
  closePaid(scene, purchase);
}

/**
 * Two standing where one is owed. The last one is flagged for sure; the second has a flag too, if it was looked at before
 * the void. Then there are two claims for one surplus: the first is granted and the other denied, and either may be first.
 */
function voidOfOriginalOfThree(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(20 * SECOND, 4 * MINUTE);
  const second = scene.capture(purchase);
  scene.wait(20 * SECOND, 4 * MINUTE);
  const third = scene.capture(purchase);
  soonOrNextDay(scene);
  scene.void(original);
  scene.expect({
    detector: 'same-order',
    members: [untouched(original, { taken: 'released' }), sometimes(second), flagged(third)],
    refundedAmong: 1,
    dismissedAmong: 1,
  });
}

function voidOfDuplicateOfThree(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(20 * SECOND, 4 * MINUTE);
  const second = scene.capture(purchase);
  scene.wait(20 * SECOND, 4 * MINUTE);
  const third = scene.capture(purchase);
  soonOrNextDay(scene);
  scene.void(second);
  const members = [untouched(original), fleeting(second, { taken: 'released' }), refunded(third)];
  scene.expect({ detector: 'same-order', members });
}

/** The retry's void is here before the retry: it never stood, so there was never a surplus. */
function voidOvertakesCapture(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(30 * SECOND, 2 * MINUTE);
  const retry = scene.uncaptured(purchase, 'overtaken');
  scene.void(retry, { lateMs: 0 });
  scene.wait(10 * SECOND, 3 * MINUTE);
  scene.capture(purchase, { chargeId: retry.chargeId, lateMs: 4 * MINUTE });
  scene.expect({
    detector: 'same-order',
    members: [untouched(original), untouched(retry, { taken: 'released' })],
  });
}

/** What was captured and then failed is no money any more; the retry is the only charge. */
function failedBeforeRetry(scene: Scene): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase);
  scene.wait(2 * SECOND, 30 * SECOND);
  scene.fail(first);
  scene.wait(10 * SECOND, 2 * MINUTE);
  scene.capture(purchase);
  closePaid(scene, purchase);
}

/** Declined, and never captured at all. */
function failedWithoutCapture(scene: Scene): void {
  const purchase = scene.purchase();
  scene.fail(scene.uncaptured(purchase, 'declined'));
  scene.wait(10 * SECOND, 2 * MINUTE);
  scene.capture(purchase);
  closePaid(scene, purchase);
}

/** The shop gives the money back in two steps. Totals are cumulative; half of the time the greater arrives first. */
function refundsAddUp(scene: Scene, which: 'original' | 'duplicate'): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE, 8 * MINUTE);
  const duplicate = scene.capture(purchase);
  const returned = which === 'original' ? original : duplicate;
  const partMinor = scene.random.integer(1, purchase.amountMinor - 1);
  const isPartLate = scene.random.chance(0.5);
  const totals = isPartLate ? [purchase.amountMinor, partMinor] : [partMinor, purchase.amountMinor];
  for (const totalMinor of totals) {
    scene.wait(10 * MINUTE, HOUR);
    // The part went back first, also where it is told last.
    scene.refundByOthers(returned, totalMinor, { lateMs: isPartLate && totalMinor === partMinor ? 2 * HOUR : 0 });
  }
  const taken = 'released' as const;
  scene.expect({
    detector: 'same-order',
    members:
      which === 'original'
        ? [untouched(original, { taken }), fleeting(duplicate)]
        : [untouched(original), fleeting(duplicate, { taken })],
  });
}

function fullRefundBeforeDuplicate(scene: Scene): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase);
  scene.wait(MINUTE);
  scene.refundByOthers(first, purchase.amountMinor);
  scene.wait(10 * SECOND, 2 * MINUTE);
  scene.capture(purchase);
  closePaid(scene, purchase);
}

/** The largest total holds, and we give back the rest of the duplicate only. */
function partialRefundOfDuplicate(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE, 8 * MINUTE);
  const duplicate = scene.capture(purchase);
  const lessMinor = scene.random.integer(1, Math.floor(purchase.amountMinor / 2));
  const moreMinor = scene.random.integer(lessMinor, purchase.amountMinor - 1);
  for (const totalMinor of scene.random.shuffled([lessMinor, moreMinor])) {
    scene.wait(10 * MINUTE, HOUR);
    scene.refundByOthers(duplicate, totalMinor);
  }
  scene.expect({ detector: 'same-order', members: [untouched(original), held(duplicate)] });
}

/** A voucher on the first charge does not reverse it: it stands. What the second is then, an approver must say. */
function partialRefundOfOriginal(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE, 8 * MINUTE);
  scene.refundByOthers(original, Math.ceil(purchase.amountMinor / 4));
  scene.wait(MINUTE, 8 * MINUTE);
  scene.expect({ detector: 'same-order', members: [untouched(original), held(scene.capture(purchase))] });
}

/** Soon enough to meet its charge in one batch, or so late that hardly any batch holds both. */
function soonOrNextDay(scene: Scene): void {
  if (scene.random.chance(0.3)) scene.wait(MINUTE, 25 * MINUTE);
  else scene.wait(12 * HOUR, 30 * HOUR);
}
