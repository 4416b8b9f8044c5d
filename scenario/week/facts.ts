import { fleeting, refunded, untouched, waits } from '../expectation.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../scene.ts';
import { BAZAAR, BOOKS, GARDEN, TICKETS } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

/** Acts of merchants, payers and shops after a capture. */
export const facts: readonly WeekStory[] = [
  { kind: 'returned-then-charged-again', times: 3, play: returnedThenChargedAgain },
  { kind: 'returned-under-a-credit-order', times: 2, play: returnedUnderACreditOrder },
  { kind: 'return-repeats-the-authorised-amount', times: 2, play: returnRepeatsTheAuthorisedAmount },
  { kind: 'return-sent-late', times: 2, play: returnSentLate },
  { kind: 'merchant-returns-the-copy', times: 3, play: merchantReturnsTheCopy },
  { kind: 'original-charged-back', times: 3, play: originalChargedBack },
  { kind: 'dispute-won-by-merchant', times: 2, day: 0, play: disputeWonByMerchant },
  { kind: 'closed-after-our-refund', times: 2, play: closedAfterOurRefund },
  { kind: 'timer-closes-a-paid-order', times: 2, play: timerClosesAPaidOrder },
  { kind: 'declined-closed-and-paid', times: 2, play: declinedClosedAndPaid },
  { kind: 'cancelled-while-paying', times: 3, play: cancelledWhilePaying },
];

/** Case 46: the returned charge does not stand, so the second charge alone pays the order. */
function returnedThenChargedAgain(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(HOUR, 3 * HOUR);
  stage.refundByMerchant(first, sale.amountMinor);
  stage.wait(MINUTE, HOUR);
  const second = stage.capture(sale);
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), untouched(second)] });
}

/** Case 16: the refund names its credit order. Source and charge id alone name its charge. */
function returnedUnderACreditOrder(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(HOUR);
  stage.refundByMerchant({ ...first, order: stage.token('credit') }, sale.amountMinor);
  stage.wait(10 * MINUTE);
  const second = stage.capture(sale);
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), untouched(second)] });
}

/** Case 21: the refund repeats the authorised amount. The merchant returned all that was captured. */
function returnRepeatsTheAuthorisedAmount(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(2 * HOUR);
  stage.refundByMerchant({ ...first, amountMinor: first.amountMinor + 4000 }, sale.amountMinor);
  stage.wait(5 * MINUTE);
  const second = stage.capture(sale);
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), untouched(second)] });
}

/**
 * Case 49: the merchant returns the original before the second charge. The stream gets that refund 90 minutes later.
 * Until then the processor's record does not confirm our refund. After it nothing is surplus.
 */
function returnSentLate(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(MINUTE);
  const second = stage.capture(sale);
  stage.wait(90 * MINUTE);
  stage.refundByMerchant(first, sale.amountMinor, { lateMs: 90 * MINUTE + 20 * SECOND });
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), fleeting(second)] });
}

/** The copy waits, for the shop attests nothing. The merchant returns it next day, so its flag is dismissed. */
function merchantReturnsTheCopy(stage: Stage): void {
  const sale = stage.sale(TICKETS);
  const first = stage.capture(sale);
  stage.wait(MINUTE, 9 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(20 * HOUR, 26 * HOUR);
  stage.refundByMerchant(copy, sale.amountMinor);
  stage.expect({ detector: 'same-order', members: [untouched(first), fleeting(copy, { taken: 'released' })] });
}

/**
 * The payer disputes the original a day after our refund of the copy. The order is then short, and an alert says so. If
 * the dispute is known before the grace ends, the copy alone stands and is not refunded.
 */
function originalChargedBack(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(5 * MINUTE, 40 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(20 * HOUR, 28 * HOUR);
  stage.dispute(first, 'open');
  const original = untouched(first, { taken: 'disputed' });
  const common = { detector: 'same-order' } as const;
  stage.expect({ ...common, pace: 'paced', isShort: true, members: [original, refunded(copy)] });
  stage.expect({ ...common, pace: 'at-once', members: [original, fleeting(copy)] });
}

/** Nothing is surplus while the original is disputed. The merchant wins, so both charges stand, and the copy is surplus. */
function disputeWonByMerchant(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(2 * HOUR);
  stage.dispute(first, 'open');
  stage.wait(HOUR);
  const copy = stage.capture(sale);
  stage.wait(3 * DAY);
  stage.dispute(first, 'won-by-merchant');
  stage.expect({ detector: 'same-order', members: [untouched(first), refunded(copy)] });
}

/**
 * Case 23: the shop closes the order because we refunded the copy. The closing makes the original surplus. It follows
 * from our refund and is not attested, so the original waits. If the closing comes before our claim, both charges wait.
 */
function closedAfterOurRefund(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(30 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(5 * MINUTE);
  stage.close(sale, 'unpaid');
  const original = waits(first, 'closing');
  const common = { detector: 'same-order', owed: 0 } as const;
  stage.expect({ ...common, pace: 'paced', members: [original, refunded(copy)] });
  stage.expect({ ...common, pace: 'at-once', members: [original, waits(copy, 'closing')] });
}

/** Case 24: the closing of a timer is not attested. The charge waits until the shop closes the order as paid. */
function timerClosesAPaidOrder(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const charge = stage.capture(sale);
  stage.wait(5 * HOUR);
  stage.close(sale, 'unpaid');
  stage.wait(36 * MINUTE);
  stage.close(sale, 'paid');
  stage.expect({ detector: 'same-order', members: [fleeting(charge)] });
}

/** Case 53: the first attempt is declined and closes the order. The second attempt pays it. */
function declinedClosedAndPaid(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  stage.fail(stage.uncaptured(sale, 'declined'));
  stage.wait(2 * SECOND);
  stage.close(sale, 'unpaid');
  stage.wait(MINUTE);
  const charge = stage.capture(sale);
  stage.wait(3 * MINUTE);
  stage.close(sale, 'paid');
  stage.expect({ detector: 'same-order', members: [fleeting(charge)] });
}

/** The marketplace attests that its closings are final. The charge came before the closing, so it is refunded. */
function cancelledWhilePaying(stage: Stage): void {
  const sale = stage.sale(BAZAAR);
  const charge = stage.capture(sale);
  stage.wait(MINUTE, 30 * MINUTE);
  stage.close(sale, 'unpaid');
  stage.expect({ detector: 'same-order', owed: 0, members: [refunded(charge)] });
}
