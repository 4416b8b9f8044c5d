import { MINUTE } from '../scene.ts';
import { firstStands } from './copies.ts';
import { BOOKS, GARDEN, KIOSK, PARCELS, TICKETS } from './shops.ts';
import { fieldsOf, type Stage, type WeekStory } from './stage.ts';

/** Lines that must end in quarantine, each with its reason. The charges around them are judged without them. */
export const refusals: readonly WeekStory[] = [
  { kind: 'test-mode-beside-live', times: 3, play: testModeBesideLive },
  { kind: 'two-feeds-two-units', times: 2, play: twoFeedsTwoUnits },
  { kind: 'source-not-registered', times: 1, play: unregisteredSource },
  { kind: 'merchant-of-another-source', times: 1, play: merchantOfAnotherSource },
  { kind: 'amount-with-decimals', times: 2, play: amountWithDecimals },
  { kind: 'card-number-as-payer', times: 1, play: cardNumberAsPayer },
  { kind: 'line-cut-off', times: 1, play: lineCutOff },
];

/** A card network publishes this number for tests. It passes the Luhn check. */
const TEST_VISA = '4111111111111111';

/** Case 15: a test charge moves no money, so the live charge of the order is the only one. */
function testModeBesideLive(stage: Stage): void {
  const sale = stage.sale(GARDEN);
  const data = { ...fieldsOf(stage.uncaptured(sale, 'test')), livemode: false };
  stage.refused('test', stage.event('charge.captured', sale.source, data));
  stage.wait(2 * MINUTE);
  stage.capture(sale);
}

/** Case 44: a second feed sends the yen in hundredths, with the same event time. The first capture holds. */
function twoFeedsTwoUnits(stage: Stage): void {
  const sale = stage.sale(KIOSK);
  const first = stage.capture(sale);
  const again = { ...first, amountMinor: first.amountMinor * 100 };
  stage.refused('conflict', stage.event('charge.captured', sale.source, fieldsOf(again)));
  stage.wait(MINUTE, 9 * MINUTE);
  firstStands(stage, [first, stage.capture(sale)]);
}

function unregisteredSource(stage: Stage): void {
  const charge = stage.uncaptured(stage.sale({ ...GARDEN, source: '/shops/new' }), 'unknown');
  stage.refused('unknown-source', stage.event('charge.captured', charge.source, fieldsOf(charge)));
}

/** The kiosk's source may speak of the kiosk alone. */
function merchantOfAnotherSource(stage: Stage): void {
  const charge = stage.uncaptured(stage.sale({ ...GARDEN, source: KIOSK.source }), 'foreign');
  stage.refused('not-entitled', stage.event('charge.captured', charge.source, fieldsOf(charge)));
}

function amountWithDecimals(stage: Stage): void {
  const charge = stage.uncaptured(stage.sale(TICKETS), 'decimals');
  const data = { ...fieldsOf(charge), amount: { value: charge.amountMinor / 100 + 0.005, currency: charge.currency } };
  stage.refused('schema', stage.event('charge.captured', charge.source, data));
}

function cardNumberAsPayer(stage: Stage): void {
  const charge = { ...stage.uncaptured(stage.sale(BOOKS), 'card'), payer: TEST_VISA };
  stage.refused('card-number', stage.event('charge.captured', charge.source, fieldsOf(charge)));
}

function lineCutOff(stage: Stage): void {
  const charge = stage.uncaptured(stage.sale(PARCELS), 'cut');
  const line = JSON.stringify(stage.event('charge.captured', charge.source, fieldsOf(charge)));
  stage.refused('not-json', line.slice(0, 120));
}
