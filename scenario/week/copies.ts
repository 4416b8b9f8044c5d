import type { Charge } from '../../core/events/payment-event.ts';
import { fleeting, mayWait, refunded, untouched, waits } from '../expectation.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../scene.ts';
import { BOOKS, GARDEN, KIOSK, LAMPS, SCANNED_BOOKS } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

/**
 * Copies where the source attests single charges. A copy that is equal in everything is refunded. A difference that the
 * source does not list in `copies` makes it wait.
 */
export const copies: readonly WeekStory[] = [
  { kind: 'order-paid-twice', times: 6, play: orderPaidTwice },
  { kind: 'tap-forwarded-four-times', times: 3, play: tapForwardedFourTimes },
  { kind: 'two-billing-servers', times: 2, hours: [1, 3], play: twoBillingServers },
  { kind: 'declined-paid-and-paid-again', times: 3, play: declinedPaidAndPaidAgain },
  { kind: 'old-failure-sent-late', times: 3, play: oldFailureSentLate },
  { kind: 'first-tap-forwarded-last', times: 2, play: firstTapForwardedLast },
  { kind: 'payment-under-two-ids', times: 3, play: paymentUnderTwoIds },
  { kind: 'twin-and-copy', times: 2, play: twinAndCopy },
  { kind: 'copy-after-a-night', times: 2, hours: [16, 19], play: copyAfterANight },
  { kind: 'copy-by-another-card', times: 3, play: copyByAnotherCard },
  { kind: 'strangers-card', times: 2, play: strangersCard },
  { kind: 'copy-above-the-limit', times: 2, play: copyAboveTheLimit },
  { kind: 'voucher-then-copy', times: 2, play: voucherThenCopy },
  { kind: 'two-channels', times: 3, play: twoChannels },
  { kind: 'two-channels-one-account', times: 2, play: twoChannelsOneAccount },
  { kind: 'copy-voided-in-time', times: 3, play: (stage) => voidedInTime(stage, 'copy') },
  { kind: 'original-voided-in-time', times: 3, play: (stage) => voidedInTime(stage, 'original') },
];

/** The first of one payer's charges stands, and each later one is refunded. */
export function firstStands(stage: Stage, [first, ...later]: readonly Charge[]): void {
  if (first === undefined) throw new Error('an order without a charge has no copies');
  stage.expect({ detector: 'same-order', members: [untouched(first), ...later.map((charge) => refunded(charge))] });
}

/** Case 28: the same payer pays the same order with the same card, 45 minutes later. */
function orderPaidTwice(stage: Stage): void {
  const sale = stage.sale(stage.random.pick([GARDEN, BOOKS]));
  const first = stage.capture(sale);
  stage.wait(40 * MINUTE, 50 * MINUTE);
  firstStands(stage, [first, stage.capture(sale)]);
}

/** Case 26: a terminal that was offline sends one tap as four payments. */
function tapForwardedFourTimes(stage: Stage): void {
  const sale = stage.sale(KIOSK);
  const taps = Array.from({ length: 4 }, () => {
    stage.wait(SECOND, 20 * SECOND);
    return stage.capture(sale);
  });
  firstStands(stage, taps);
}

/** Case 27: two servers bill in one night. One invoice is charged twice. The second attempt at the other is declined. */
function twoBillingServers(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(2 * MINUTE, 30 * MINUTE);
  firstStands(stage, [first, stage.capture(sale)]);
  const other = { ...stage.sale(GARDEN), order: stage.token('o', 'other'), payer: stage.token('p', 'other') };
  stage.capture(other);
  stage.wait(2 * MINUTE, 30 * MINUTE);
  stage.fail(stage.uncaptured(other, 'declined'));
}

/** Case 18: a failure before the capture of the same id is no release, so both charges stand. */
function declinedPaidAndPaidAgain(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.uncaptured(sale, 'intent');
  stage.fail({ ...first, instrument: stage.token('tok', 'first') });
  stage.wait(MINUTE, 3 * MINUTE);
  const paid = stage.capture(sale, { chargeId: first.chargeId });
  stage.wait(6 * MINUTE, 20 * MINUTE);
  firstStands(stage, [paid, stage.capture(sale)]);
}

/** Case 20: facts are ordered by event time. The failure is older than the capture, so the copy stands. */
function oldFailureSentLate(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(40 * SECOND);
  const copy = stage.capture(sale);
  stage.wait(10 * SECOND);
  stage.fail(copy, { lateMs: 30 * SECOND });
  firstStands(stage, [first, copy]);
}

/** The original is the first charge that is remembered, so here the older tap is the copy. */
function firstTapForwardedLast(stage: Stage): void {
  const sale = stage.sale(KIOSK);
  stage.wait(10 * MINUTE);
  const second = stage.capture(sale);
  stage.wait(10 * MINUTE, 40 * MINUTE);
  firstStands(stage, [second, stage.capture(sale, { lateMs: 45 * MINUTE })]);
}

/** Case 12, with the processor's id of the payment. One payment under two ids counts once, so nothing is surplus. */
function paymentUnderTwoIds(stage: Stage): void {
  const sale = stage.sale(GARDEN, { payment: stage.token('pay') });
  const first = stage.capture(sale);
  const twin = stage.capture(sale, { chargeId: stage.token('pi', 'twin') });
  stage.expect({ detector: 'same-order', members: [untouched(first), untouched(twin, { taken: 'twin' })] });
}

/** A copy has a payment of its own. The twin does not count as the charge that must stand. */
function twinAndCopy(stage: Stage): void {
  const sale = stage.sale(GARDEN, { payment: stage.token('pay') });
  const first = stage.capture(sale);
  const twin = stage.capture(sale, { chargeId: stage.token('pi', 'twin') });
  stage.wait(2 * MINUTE, 20 * MINUTE);
  const copy = stage.capture({ ...sale, payment: stage.token('pay', 'second') });
  stage.expect({
    detector: 'same-order',
    members: [untouched(first), untouched(twin, { taken: 'twin' }), refunded(copy)],
  });
}

/** 13 hours are beyond the window of 12 and within the review window of 24. An approver decides. */
function copyAfterANight(stage: Stage): void {
  const sale = stage.sale(LAMPS);
  const first = stage.capture(sale);
  stage.wait(13 * HOUR, 14 * HOUR);
  stage.expect({
    detector: 'same-order',
    members: [untouched(first), waits(stage.capture(sale), 'late-copy', 'common-order')],
  });
}

function copyByAnotherCard(stage: Stage): void {
  const sale = stage.sale(stage.random.pick([GARDEN, LAMPS]));
  const first = stage.capture(sale);
  stage.wait(MINUTE, 12 * MINUTE);
  const copy = stage.capture({ ...sale, instrument: stage.token('tok', 'debit') });
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(copy, 'other-instrument')] });
}

/** Case 35: nothing here says which of the two payers was charged wrongly. Either may be processed first. */
function strangersCard(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const stranger = stage.capture({
    ...sale,
    payer: stage.token('p', 'stranger'),
    instrument: stage.token('tok', 'stranger'),
  });
  stage.wait(20 * MINUTE, 2 * HOUR);
  const reasons = ['other-payer', 'other-instrument'];
  stage.expect({
    detector: 'same-order',
    anyFirst: true,
    heldAmong: 1,
    members: [mayWait(stranger, ...reasons), mayWait(stage.capture(sale), ...reasons)],
  });
}

/** The limit of the configuration is EUR 500.00. */
function copyAboveTheLimit(stage: Stage): void {
  const sale = stage.sale(LAMPS, { amountMinor: stage.random.integer(60_000, 90_000) });
  const first = stage.capture(sale);
  stage.wait(MINUTE, 20 * MINUTE);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'limit')] });
}

/** The merchant returned a part of the original. An approver must say whether the copy is one too many. */
function voucherThenCopy(stage: Stage): void {
  const sale = stage.sale(BOOKS);
  const first = stage.capture(sale);
  stage.wait(5 * MINUTE);
  stage.refundByMerchant(first, Math.ceil(sale.amountMinor / 4));
  stage.wait(5 * MINUTE, 30 * MINUTE);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'partly-returned')] });
}

/** Case 33: two channels with their own names of the payer. Only one of them lists `other-source` in `copies`. */
function twoChannels(stage: Stage): void {
  const sale = stage.sale(BOOKS, { instrument: undefined });
  const card = stage.capture(sale);
  stage.wait(MINUTE, 3 * MINUTE);
  const scan = stage.capture({ ...sale, source: SCANNED_BOOKS.source, payer: stage.token('w') });
  const reasons = ['other-payer', 'other-source'];
  stage.expect({
    detector: 'same-order',
    anyFirst: true,
    heldAmong: 1,
    members: [mayWait(card, ...reasons), mayWait(scan, ...reasons)],
  });
}

function twoChannelsOneAccount(stage: Stage): void {
  const sale = stage.sale(BOOKS, { instrument: undefined });
  const card = stage.capture(sale);
  stage.wait(MINUTE, 3 * MINUTE);
  const scan = stage.capture({ ...sale, source: SCANNED_BOOKS.source });
  stage.expect({ detector: 'same-order', members: [untouched(card), waits(scan, 'other-source')] });
}

/** The void comes within the grace of 20 seconds. No refund is claimed, and one charge stands. */
function voidedInTime(stage: Stage, which: 'copy' | 'original'): void {
  const sale = stage.sale(GARDEN);
  const first = stage.capture(sale);
  stage.wait(MINUTE, 20 * MINUTE);
  const copy = stage.capture(sale);
  stage.wait(4 * SECOND, 12 * SECOND);
  stage.void(which === 'copy' ? copy : first);
  const taken = 'released' as const;
  stage.expect({
    detector: 'same-order',
    members:
      which === 'copy' ? [untouched(first), fleeting(copy, { taken })] : [untouched(first, { taken }), fleeting(copy)],
  });
  // The next day's parcel of the same payer is an order of its own.
  stage.wait(DAY);
  stage.capture({ ...sale, order: stage.token('o', 'next') });
}
