import { fleeting, refunded, untouched, waits } from '../expectation.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../scene.ts';
import { BISTRO, BOOKS, GARDEN } from './shops.ts';
import { fieldsOf, refOf, type Stage, type WeekStory } from './stage.ts';

/** Adjusted amounts, single refunds, mismatches, and events that name their charge by its id alone. */
export const adjustments: readonly WeekStory[] = [
  { kind: 'tip-by-adjustment', times: 3, hours: [18, 21], play: tipByAdjustment },
  { kind: 'tip-then-charged-again', times: 2, play: tipThenChargedAgain },
  { kind: 'copy-of-the-amount-before-the-tip', times: 2, play: copyOfTheAmountBeforeTheTip },
  { kind: 'smaller-capture-sent-again', times: 2, play: smallerCaptureSentAgain },
  { kind: 'returned-by-refund-ids', times: 3, play: returnedByRefundIds },
  { kind: 'merchants-refund-fails', times: 2, play: merchantsRefundFails },
  { kind: 'void-overridden-by-its-capture', times: 2, play: voidOverriddenByItsCapture },
  { kind: 'dispute-repeats-another-amount', times: 2, play: disputeRepeatsAnotherAmount },
  { kind: 'void-by-charge-id', times: 3, play: voidByChargeId },
];

/** Case 22: a tip raises the captured amount. The merchant returns all of it next day. Nothing is quarantined. */
function tipByAdjustment(stage: Stage): void {
  const sale = stage.sale(BISTRO);
  const charge = stage.capture(sale);
  stage.wait(2 * HOUR, 4 * HOUR);
  const tipped = { ...charge, amountMinor: charge.amountMinor + 1000 };
  stage.send('charge.adjusted', sale.source, fieldsOf(tipped));
  stage.wait(10 * HOUR);
  stage.refundByMerchant(tipped, tipped.amountMinor);
}

/** `same` compares with every amount that the first charge has had. The present one agrees, so the copy is refunded. */
function tipThenChargedAgain(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(2 * MINUTE);
  const amountMinor = sale.amountMinor + 500;
  stage.send('charge.adjusted', sale.source, fieldsOf({ ...first, amountMinor }));
  stage.wait(HOUR);
  const copy = stage.capture({ ...sale, amountMinor });
  stage.expect({ detector: 'same-order', members: [untouched(first), refunded(copy)] });
}

/** Only the amount before the tip agrees, so an approver decides. */
function copyOfTheAmountBeforeTheTip(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(2 * MINUTE);
  stage.send('charge.adjusted', sale.source, fieldsOf({ ...first, amountMinor: sale.amountMinor + 500 }));
  stage.wait(HOUR);
  const copy = stage.capture(sale);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(copy, 'amount-changed')] });
}

/**
 * The capture is sent again later with less, which is an adjustment and no conflict. The merchant returns all of it, so
 * the second charge alone pays the order.
 */
function smallerCaptureSentAgain(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(HOUR);
  const lessMinor = Math.ceil(sale.amountMinor * 0.6);
  stage.capture({ ...sale, amountMinor: lessMinor }, { chargeId: first.chargeId });
  stage.wait(HOUR);
  stage.refundByMerchant({ ...first, amountMinor: lessMinor }, lessMinor);
  stage.wait(10 * MINUTE);
  const second = stage.capture({ ...sale, amountMinor: lessMinor });
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), untouched(second)] });
}

/** Two refunds have ids and no total. Together they return all of the first charge. */
function returnedByRefundIds(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  const partMinor = Math.ceil(sale.amountMinor / 3);
  for (const [id, refundAmount] of [['a', partMinor] as const, ['b', sale.amountMinor - partMinor] as const]) {
    stage.wait(30 * MINUTE);
    const data = { ...fieldsOf(first), refundId: stage.token('re', id), refundAmount };
    stage.send('charge.refunded', sale.source, data);
  }
  stage.wait(10 * MINUTE);
  const second = stage.capture(sale);
  stage.expect({ detector: 'same-order', members: [untouched(first, { taken: 'released' }), untouched(second)] });
}

/** The failed refund lowers the total to nothing. Both charges stand again, and the copy is surplus. */
function merchantsRefundFails(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(HOUR);
  stage.refundByMerchant(first, sale.amountMinor);
  stage.wait(20 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(DAY);
  stage.refundByMerchant(first, 0, { extra: { refundStatus: 'failed' } });
  stage.expect({ detector: 'same-order', members: [untouched(first), refunded(copy)] });
}

/** The first charge is voided and captured again under its id, so it stands. The two facts are a mismatch. */
function voidOverriddenByItsCapture(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(5 * MINUTE);
  stage.void(first);
  stage.wait(5 * MINUTE);
  stage.capture(sale, { chargeId: first.chargeId });
  stage.wait(10 * MINUTE);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'mismatch')] });
}

/** The merchant wins the dispute, whose event has an amount that the charge never had. The survivor is in doubt. */
function disputeRepeatsAnotherAmount(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(HOUR);
  stage.dispute({ ...first, amountMinor: sale.amountMinor + 700 }, 'won-by-merchant');
  stage.wait(HOUR);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'mismatch')] });
}

/** The void names the charge by its id alone. The charge's record completes it. */
function voidByChargeId(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(10 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(4 * SECOND, 12 * SECOND);
  stage.send('charge.voided', sale.source, refOf(copy));
  stage.expect({ detector: 'same-order', members: [untouched(first), fleeting(copy, { taken: 'released' })] });
}
