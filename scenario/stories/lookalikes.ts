import type { Ms } from '../../core/brands.ts';
import { held, refunded, untouched } from '../expectation.ts';
import { ACME, MINUTE, type Purchase, type Scene, SECOND, type StoryKind } from '../scene.ts';

/**
 * Charges that only look alike. Where payer, merchant and amount repeat within five minutes, `rapid-repeat` asks a person
 * and holds; where something that matters differs, nothing may be flagged.
 */
export const lookalikes: readonly StoryKind[] = [
  {
    kind: 'two-coffees',
    in1500: 10,
    play: (scene) => twoCoffees(scene, scene.random.integer(20 * SECOND, 4 * MINUTE)),
  },
  { kind: 'two-coffees-almost-5-minutes-apart', in1500: 2, play: (scene) => twoCoffees(scene, 5 * MINUTE - 1) },
  { kind: 'two-coffees-5-minutes-apart', in1500: 8, play: twoCoffeesApart },
  { kind: 'first-coffee-voided', in1500: 3, play: firstCoffeeVoided },
  { kind: 'transit-taps', in1500: 6, play: (scene) => taps(scene, '4111') },
  { kind: 'parking-taps', in1500: 2, play: (scene) => taps(scene, '7523') },
  { kind: 'five-equal-gifts', in1500: 3, play: fiveEqualGifts },
  { kind: 'gift-charged-twice', in1500: 3, play: giftChargedTwice },
  { kind: 'half-and-half', in1500: 4, play: halfAndHalf },
  { kind: 'split-payment', in1500: 4, play: splitPayment },
  { kind: 'two-currencies', in1500: 2, play: twoCurrencies },
  { kind: 'same-order-number-elsewhere', in1500: 4, play: sameOrderNumberElsewhere },
  { kind: 'blank-order-numbers', in1500: 4, play: blankOrderNumbers },
  { kind: 'acme-has-the-same-tokens', in1500: 5, play: acmeHasTheSameTokens },
  { kind: 'acme-charges-twice', in1500: 3, play: acmeChargesTwice },
  { kind: 'acme-closes-unpaid', in1500: 3, play: acmeClosesUnpaid },
];

/** No order number tells them apart, so a person must; both stand until then. */
function twoCoffees(scene: Scene, apartMs: Ms): void {
  const coffee = atTheDesk(scene, '5814');
  const first = scene.capture(coffee, { lateMs: 0 });
  scene.wait(apartMs);
  const second = scene.capture(coffee, { lateMs: 0 });
  scene.expect({ detector: 'rapid-repeat', members: [untouched(first), held(second)] });
}

function twoCoffeesApart(scene: Scene): void {
  const coffee = atTheDesk(scene, '5814');
  scene.capture(coffee, { lateMs: 0 });
  scene.wait(5 * MINUTE, scene.random.pick([5 * MINUTE, 50 * MINUTE]));
  scene.capture(coffee, { lateMs: 0 });
}

function firstCoffeeVoided(scene: Scene): void {
  const coffee = atTheDesk(scene, '5814');
  const first = scene.capture(coffee);
  scene.wait(10 * SECOND, MINUTE);
  scene.void(first);
  scene.wait(10 * SECOND, MINUTE);
  scene.capture(coffee);
}

/** Three friends through one gate, one phone: exempt by merchant category. */
function taps(scene: Scene, mcc: string): void {
  const tap = atTheDesk(scene, mcc);
  for (let friend = 0; friend < 3; friend++) {
    scene.capture(tap, { lateMs: 0 });
    scene.wait(2 * SECOND, 20 * SECOND);
  }
}

/**
 * Five orders, so `same-order` says nothing; but payer, merchant and amount repeat within minutes, and `rapid-repeat` has
 * no field that knows of orders. Four are held for a person, who will keep them.
 */
function fiveEqualGifts(scene: Scene): void {
  const gift = scene.purchase();
  const gifts = ['ann', 'bo', 'chen', 'dai', 'eli'].map((friend) => {
    scene.wait(5 * SECOND, 50 * SECOND);
    return scene.capture({ ...gift, order: scene.token('o', friend) });
  });
  const members = gifts.map((charge, index) => (index === 0 ? untouched(charge) : held(charge)));
  scene.expect({ detector: 'rapid-repeat', members });
}

/**
 * The first gift is charged twice, then comes a second gift. The retry belongs to `same-order`, which is stronger and so
 * decides alone; the second gift is held by `rapid-repeat`. Both share the first charge as original: one case.
 */
function giftChargedTwice(scene: Scene): void {
  const gift = scene.purchase();
  const first = scene.capture(gift);
  scene.wait(5 * SECOND, 50 * SECOND);
  const retry = scene.capture(gift);
  scene.wait(5 * SECOND, 50 * SECOND);
  const second = scene.capture({ ...gift, order: scene.token('o', 'second') });
  scene.expect({ detector: 'same-order', members: [untouched(first), refunded(retry)] });
  scene.expect({ detector: 'rapid-repeat', members: [untouched(first), held(second)] });
}

/** Deposit and balance happen to be equal and minutes apart: only `part` tells both detectors that each is owed. */
function halfAndHalf(scene: Scene): void {
  const purchase = scene.purchase();
  scene.capture({ ...purchase, part: 'deposit' });
  scene.wait(20 * SECOND, 3 * MINUTE);
  scene.capture({ ...purchase, part: 'balance' });
  scene.close(purchase, 'paid');
}

/** One order in two unequal amounts. */
function splitPayment(scene: Scene): void {
  const purchase = scene.purchase();
  scene.capture(purchase);
  scene.wait(10 * SECOND, MINUTE);
  scene.capture({ ...purchase, amountMinor: purchase.amountMinor + 100, instrument: scene.token('tok', 'giftcard') });
}

/** 5,000 fen and 5,000 yen are the same number and not the same money. */
function twoCurrencies(scene: Scene): void {
  const purchase = scene.purchase({ amountMinor: 5000, currency: 'CNY' });
  scene.capture(purchase);
  scene.wait(10 * SECOND, MINUTE);
  scene.capture({ ...purchase, currency: 'JPY' });
}

/** Shops number their orders themselves. */
function sameOrderNumberElsewhere(scene: Scene): void {
  const purchase = scene.purchase({ merchant: 'm_41' });
  scene.capture(purchase);
  scene.wait(10 * SECOND, MINUTE);
  scene.capture({ ...purchase, merchant: 'm_42' });
}

/** A blank order number is none: two payers must not meet on it. */
function blankOrderNumbers(scene: Scene): void {
  const purchase = scene.purchase({ order: scene.random.pick(['', ' ']), channel: 'pos' });
  scene.capture(purchase);
  scene.wait(10 * SECOND, MINUTE);
  scene.capture({ ...purchase, payer: scene.token('p', 'next'), instrument: scene.token('tok', 'next') });
}

/** Acme is no part of the namespace: payer, merchant, order, amount and even the charge id are alike by chance. */
function acmeHasTheSameTokens(scene: Scene): void {
  const purchase = scene.purchase();
  const charge = scene.capture(purchase);
  scene.wait(5 * SECOND, 2 * MINUTE);
  scene.capture({ ...purchase, source: ACME }, { chargeId: charge.chargeId });
}

function acmeChargesTwice(scene: Scene): void {
  const purchase = scene.purchase();
  const wallet = scene.capture(purchase);
  const acme = { ...purchase, source: ACME };
  scene.wait(5 * SECOND, MINUTE);
  const original = scene.capture(acme, { chargeId: wallet.chargeId });
  scene.wait(5 * SECOND, MINUTE);
  scene.expect({ detector: 'same-order', members: [untouched(original), refunded(scene.capture(acme))] });
}

/** Acme does not attest its closings, and its order is not the wallet's: the wallet's charge of the same name stays. */
function acmeClosesUnpaid(scene: Scene): void {
  const purchase = scene.purchase();
  const wallet = scene.capture(purchase);
  const acme = { ...purchase, source: ACME };
  scene.wait(5 * SECOND, MINUTE);
  const charge = scene.capture(acme, { chargeId: wallet.chargeId });
  scene.wait(15 * MINUTE);
  scene.close(acme, 'unpaid');
  scene.close(purchase, 'paid');
  scene.expect({ detector: 'same-order', owed: 0, members: [held(charge)] });
}

function atTheDesk(scene: Scene, mcc: string): Purchase {
  const currency = 'CNY';
  return scene.purchase({
    order: undefined,
    channel: 'pos',
    mcc,
    amountMinor: scene.random.integer(300, 4800),
    currency,
  });
}
