import { DAY, HOUR, MINUTE, SECOND } from '../scene.ts';
import { BAZAAR, BISTRO, BOOKS, CAFE, GARDEN, KIOSK, LAMPS, PARCELS, type Shop, TICKETS, TRANSIT } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

const SHOPS: readonly [Shop, ...Shop[]] = [GARDEN, BOOKS, LAMPS, KIOSK, BAZAAR, PARCELS, TICKETS, BISTRO, CAFE];
/** Shops whose source may close orders. */
const CLOSING: readonly [Shop, ...Shop[]] = [GARDEN, BOOKS, LAMPS, BAZAAR, PARCELS, BISTRO];

/** Most of a week. Nothing here is a copy, and nothing is flagged. */
export const ordinary: readonly WeekStory[] = [
  { kind: 'paid', times: 150, play: paid },
  { kind: 'paid-and-closed', times: 80, play: paidAndClosed },
  { kind: 'declined-then-paid', times: 14, play: declinedThenPaid },
  { kind: 'never-captured', times: 6, play: neverCaptured },
  { kind: 'voided', times: 8, play: voided },
  { kind: 'returned', times: 12, play: returned },
  { kind: 'returned-in-part', times: 8, play: returnedInPart },
  { kind: 'charged-back', times: 3, play: chargedBack },
  { kind: 'second-order', times: 10, play: secondOrder },
  { kind: 'deposit-and-balance', times: 6, play: depositAndBalance },
  { kind: 'webhook-sent-again', times: 6, play: webhookSentAgain },
  { kind: 'taps-of-a-day', times: 8, hours: [6, 8], play: tapsOfADay },
];

function paid(stage: Stage): void {
  stage.capture(stage.sale(stage.random.pick(SHOPS)));
}

function paidAndClosed(stage: Stage): void {
  const sale = stage.sale(stage.random.pick(CLOSING));
  stage.capture(sale);
  stage.wait(5 * SECOND, 20 * MINUTE);
  stage.close(sale, 'paid');
}

/** The first card is declined under an id of its own, so only the second attempt is a charge. */
function declinedThenPaid(stage: Stage): void {
  const sale = stage.sale(stage.random.pick(SHOPS));
  stage.fail(stage.uncaptured({ ...sale, instrument: stage.token('tok', 'first') }, 'declined'));
  stage.wait(20 * SECOND, 3 * MINUTE);
  stage.capture(sale);
}

function neverCaptured(stage: Stage): void {
  stage.fail(stage.uncaptured(stage.sale(stage.random.pick(SHOPS)), 'declined'));
}

function voided(stage: Stage): void {
  const charge = stage.capture(stage.sale(stage.random.pick(SHOPS)));
  stage.wait(MINUTE, 2 * HOUR);
  stage.void(charge);
}

function returned(stage: Stage): void {
  const charge = stage.capture(stage.sale(stage.random.pick(SHOPS)));
  stage.wait(HOUR, DAY);
  stage.refundByMerchant(charge, charge.amountMinor);
}

function returnedInPart(stage: Stage): void {
  const charge = stage.capture(stage.sale(stage.random.pick(SHOPS)));
  stage.wait(HOUR, DAY);
  stage.refundByMerchant(charge, Math.ceil(charge.amountMinor / 3));
}

function chargedBack(stage: Stage): void {
  const charge = stage.capture(stage.sale(stage.random.pick(SHOPS)));
  stage.wait(HOUR, DAY);
  stage.dispute(charge, 'open');
}

/** One payer makes two orders of one price, hours apart. No detector without the order looks so far. */
function secondOrder(stage: Stage): void {
  const sale = stage.sale(stage.random.pick(SHOPS));
  stage.capture(sale);
  stage.wait(2 * HOUR, 5 * HOUR);
  stage.capture({ ...sale, order: stage.token('o', 'second') });
}

/** The halves of one order are equal, and their parts say that each is due. */
function depositAndBalance(stage: Stage): void {
  const sale = stage.sale(LAMPS);
  stage.capture({ ...sale, part: 'deposit' });
  stage.wait(2 * HOUR, 8 * HOUR);
  stage.capture({ ...sale, part: 'balance' });
}

/** Case 14: one charge id is one charge, however often its capture is sent. */
function webhookSentAgain(stage: Stage): void {
  const sale = stage.sale(stage.random.pick(SHOPS));
  const { chargeId } = stage.capture(sale);
  for (const laterMs of [2 * SECOND, 9 * MINUTE]) {
    stage.wait(laterMs);
    stage.capture(sale, { chargeId, lateMs: laterMs === 2 * SECOND ? laterMs : laterMs + 2 * SECOND });
  }
}

/** The fares are equal and minutes apart. Their category is exempt from the detectors that know no order. */
function tapsOfADay(stage: Stage): void {
  const sale = stage.sale(TRANSIT, { order: undefined });
  for (const minutes of [3, 9, 27, 540, 4]) {
    stage.capture(sale);
    stage.wait(minutes * MINUTE);
  }
}
