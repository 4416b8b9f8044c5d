import { mayWait, refunded, untouched, waits } from '../expectation.ts';
import { HOUR, MINUTE, type Purchase } from '../scene.ts';
import { LAMPS, PARCELS, ROOMS } from './shops.ts';
import type { Stage, WeekStory } from './stage.ts';

/** Orders with a total. The total decides what is surplus, and an attested total can prove it. */
export const totals: readonly WeekStory[] = [
  { kind: 'parts-that-fit-the-total', times: 4, play: partsThatFitTheTotal },
  { kind: 'gift-card-and-card', times: 3, play: giftCardAndCard },
  { kind: 'parts-and-a-copy', times: 3, play: partsAndACopy },
  { kind: 'total-sent-late', times: 2, play: totalSentLate },
  { kind: 'total-lowered', times: 2, play: totalLowered },
  { kind: 'balance-without-the-deposit', times: 2, play: balanceWithoutTheDeposit },
  { kind: 'total-contradicts-the-attestation', times: 2, play: totalContradictsTheAttestation },
];

function withTotal({ currency }: Purchase, value: number) {
  return { extra: { orderTotal: { value, currency } } };
}

/** Case 50, with its total. Two equal shipments make up the order, and nothing is flagged. */
function partsThatFitTheTotal(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const total = withTotal(sale, 2 * sale.amountMinor);
  const first = stage.capture(sale, total);
  stage.wait(3 * HOUR, 8 * HOUR);
  const second = stage.capture(sale, total);
  stage.expect({ detector: 'same-order', owed: 2, members: [untouched(first), untouched(second)] });
}

/** A gift card pays one half and a card the other. Equal amounts that add up to the total are no surplus. */
function giftCardAndCard(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const total = withTotal(sale, 2 * sale.amountMinor);
  const first = stage.capture({ ...sale, instrument: stage.token('gift') }, total);
  stage.wait(MINUTE);
  const second = stage.capture(sale, total);
  stage.expect({ detector: 'same-order', owed: 2, members: [untouched(first), untouched(second)] });
}

/** Three equal charges, and the order costs two of them. The attested total proves that the newest is one too many. */
function partsAndACopy(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const total = withTotal(sale, 2 * sale.amountMinor);
  const first = stage.capture(sale, total);
  stage.wait(20 * MINUTE);
  const second = stage.capture(sale, total);
  stage.wait(3 * HOUR, 6 * HOUR);
  const copy = stage.capture(sale, total);
  stage.expect({ detector: 'same-order', owed: 2, members: [untouched(first), untouched(second), refunded(copy)] });
}

/**
 * Two shipments without a total. The second waits, as in case 50. The closing has the total, which needs both charges.
 * The flag is not dismissed in silence. If the total is known first, no flag is needed.
 */
function totalSentLate(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const first = stage.capture(sale);
  stage.wait(2 * HOUR, 7 * HOUR);
  const second = stage.capture(sale);
  stage.wait(HOUR);
  stage.close(sale, 'paid', 2 * sale.amountMinor);
  const common = { detector: 'same-order' } as const;
  stage.expect({ ...common, pace: 'paced', members: [untouched(first), waits(second, 'may-split')] });
  const members = [untouched(first), mayWait(second)];
  stage.expect({ ...common, pace: 'at-once', owed: 2, mayHold: 1, members });
}

/**
 * An item is cancelled, so the closing has a lower total. The newest charge is beyond it. The highest total of the order
 * still needs that charge, so nothing proves a refund.
 */
function totalLowered(stage: Stage): void {
  const sale = stage.sale(PARCELS);
  const total = withTotal(sale, 3 * sale.amountMinor);
  const first = stage.capture(sale, total);
  stage.wait(20 * MINUTE);
  const second = stage.capture(sale, total);
  stage.wait(3 * HOUR, 5 * HOUR);
  const third = stage.capture(sale, total);
  stage.wait(HOUR);
  stage.close(sale, 'paid', 2 * sale.amountMinor);
  stage.expect({
    detector: 'same-order',
    owed: 2,
    members: [untouched(first), untouched(second), waits(third, 'may-split')],
  });
}

/** The balance is charged as the whole price. The payer paid more than the total, and by no copy: the deposit fits. */
function balanceWithoutTheDeposit(stage: Stage): void {
  const sale = stage.sale(LAMPS);
  const depositMinor = Math.ceil(sale.amountMinor * 0.3);
  const total = withTotal(sale, sale.amountMinor);
  const deposit = stage.capture({ ...sale, part: 'deposit', amountMinor: depositMinor }, total);
  stage.wait(HOUR, 6 * HOUR);
  stage.capture({ ...sale, part: 'balance' }, total);
  // The balance covers the order, so nothing is owed of the deposit's own cluster.
  stage.expect({ detector: 'same-order', owed: 0, members: [waits(deposit, 'overpaid')] });
}

/** Two equal rooms of one booking. The total contradicts the attestation, which is suspended for the merchant. */
function totalContradictsTheAttestation(stage: Stage): void {
  const sale = stage.sale(ROOMS);
  const total = withTotal(sale, 2 * sale.amountMinor);
  const first = stage.capture(sale, total);
  stage.wait(MINUTE);
  const second = stage.capture(sale, total);
  stage.expect({
    detector: 'same-order',
    members: [untouched(first), waits(second, 'may-split', 'total-disagrees')],
  });
}
