import { mayWait, untouched, waits } from '../expectation.ts';
import { HOUR, MINUTE, SECOND } from '../scene.ts';
import { BISTRO, CAFE, CITY, KIOSK, PARCELS, TICKETS } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

/** Counters, tables and ticket desks. Most of these equal charges are meant, and most of the shops attest nothing. */
export const counters: readonly WeekStory[] = [
  { kind: 'guests-halve-a-bill', times: 3, hours: [18, 21], play: (stage) => guestsHalveABill(stage, false) },
  {
    kind: 'guests-halve-a-bill-and-it-is-paid',
    times: 3,
    hours: [18, 21],
    play: (stage) => guestsHalveABill(stage, true),
  },
  { kind: 'second-tender-with-tip', times: 3, hours: [18, 21], play: secondTenderWithTip },
  { kind: 'till-number-comes-again', times: 4, play: tillNumberComesAgain },
  { kind: 'order-number-na', times: 2, play: orderNumberNa },
  { kind: 'guests-of-payer-0', times: 2, play: guestsOfPayerZero },
  { kind: 'tickets-of-one-booking', times: 4, play: ticketsOfOneBooking },
  { kind: 'shipments-without-a-total', times: 3, hours: [7, 10], play: shipmentsWithoutATotal },
  { kind: 'gift-by-double-click', times: 3, play: giftByDoubleClick },
  { kind: 'five-gift-cards', times: 2, play: fiveGiftCards },
  { kind: 'retry-number-in-the-order', times: 3, play: retryNumberInTheOrder },
];

/** Cases 1 and 52: two payers, two cards, one bill. That the bill is paid changes nothing. */
function guestsHalveABill(stage: Stage, isClosed: boolean): void {
  const sale = stage.sale(BISTRO);
  const first = stage.capture(sale);
  stage.wait(30 * SECOND, 2 * MINUTE);
  const guest = stage.capture({ ...sale, payer: stage.token('p', 'guest'), instrument: stage.token('tok', 'guest') });
  if (isClosed) {
    stage.wait(3 * SECOND);
    stage.close(sale, 'paid');
  }
  const reasons = ['may-split', 'other-payer', 'other-instrument'];
  stage.expect({
    detector: 'same-order',
    anyFirst: true,
    heldAmong: 1,
    members: [mayWait(first, ...reasons), mayWait(guest, ...reasons)],
  });
}

/** Case 34: one card pays one check twice within 90 seconds. The second amount has a tip. */
function secondTenderWithTip(stage: Stage): void {
  const sale = stage.sale(BISTRO);
  const first = stage.capture(sale);
  stage.wait(90 * SECOND);
  const tipped = stage.capture({ ...sale, amountMinor: Math.ceil(sale.amountMinor * 1.18) });
  stage.expect({
    detector: 'near-order',
    members: [untouched(first), waits(tipped, 'may-split', 'near-amount', 'review')],
  });
}

/** Case 6: three customers buy the same coffee under one number of the till. Each reason depends on the customers so far. */
function tillNumberComesAgain(stage: Stage): void {
  const sale = stage.sale(CAFE, { order: String(500 + stage.number) });
  const coffees = ['a', 'b', 'c'].map((customer) => {
    stage.wait(HOUR, 2 * HOUR);
    return stage.capture({ ...sale, payer: stage.token('p', customer), instrument: stage.token('tok', customer) });
  });
  stage.expect({
    detector: 'same-order',
    anyFirst: true,
    heldAmong: 2,
    members: coffees.map((charge) => mayWait(charge)),
  });
}

/** Case 8: strangers who share a placeholder share nothing, though the kiosk attests single charges. */
function orderNumberNa(stage: Stage): void {
  const sale = stage.sale(KIOSK, { order: 'NA' });
  for (const stranger of ['a', 'b', 'c', 'd', 'e']) {
    stage.capture({ ...sale, payer: stage.token('p', stranger), instrument: stage.token('tok', stranger) });
    stage.wait(MINUTE, 6 * MINUTE);
  }
}

/** Case 39: guests share the customer number 0, which counts as absent. */
function guestsOfPayerZero(stage: Stage): void {
  const sale = stage.sale(TICKETS, { payer: '0' });
  for (const guest of ['a', 'b', 'c', 'd', 'e']) {
    stage.capture({ ...sale, order: stage.token('o', guest), instrument: stage.token('tok', guest) });
    stage.wait(20 * SECOND, MINUTE);
  }
}

/** Case 3: one payer buys three equal tickets of one booking with one card. */
function ticketsOfOneBooking(stage: Stage): void {
  const sale = stage.sale(TICKETS);
  const [first, ...others] = Array.from({ length: 3 }, () => {
    stage.wait(SECOND, 3 * SECOND);
    return stage.capture(sale);
  });
  if (first === undefined) throw new Error('a booking has tickets');
  stage.expect({
    detector: 'same-order',
    members: [untouched(first), ...others.map((ticket) => waits(ticket, 'may-split'))],
  });
}

/** Case 50: two equal parts are captured as they ship, and no total says that both are due. */
function shipmentsWithoutATotal(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const first = stage.capture(sale);
  stage.wait(7 * HOUR, 9 * HOUR);
  stage.expect({ detector: 'same-order', members: [untouched(first), waits(stage.capture(sale), 'may-split')] });
}

/** Case 51: a gift without an order number is given twice by a double click. */
function giftByDoubleClick(stage: Stage): void {
  const sale = stage.sale(TICKETS, { order: undefined });
  const first = stage.capture(sale);
  stage.wait(2 * SECOND, 9 * SECOND);
  stage.expect({
    detector: 'rapid-repeat',
    members: [untouched(first), waits(stage.capture(sale), 'may-split', 'review')],
  });
}

/** One payer buys five gift cards, each as an order. A refund would leave its order without a charge. */
function fiveGiftCards(stage: Stage): void {
  const sale = stage.sale(TICKETS, { amountMinor: 2500 });
  const [first, ...others] = ['a', 'b', 'c', 'd', 'e'].map((card) => {
    stage.wait(15 * SECOND, 40 * SECOND);
    return stage.capture({ ...sale, order: stage.token('gift', card) });
  });
  if (first === undefined) throw new Error('five gift cards have a first');
  stage.expect({
    detector: 'rapid-repeat',
    members: [untouched(first), ...others.map((card) => waits(card, 'may-split', 'empties-order', 'review'))],
  });
}

/** Case 32: the attempt's number is part of the order number. */
function retryNumberInTheOrder(stage: Stage): void {
  const sale = stage.sale(CITY);
  const first = stage.capture({ ...sale, order: `OF-${stage.number}KQ_1` });
  stage.wait(8 * MINUTE, 20 * MINUTE);
  const second = stage.capture({ ...sale, order: `OF-${stage.number}KQ_2` });
  stage.expect({
    detector: 'retry-suffix',
    members: [untouched(first), waits(second, 'may-split', 'empties-order', 'review')],
  });
}
