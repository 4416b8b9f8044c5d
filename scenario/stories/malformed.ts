import { EVENT_BYTES_MAX } from '../../core/events/parse-event.ts';
import { MINUTE, type Scene, SECOND, type StoryKind, wire } from '../scene.ts';
import { standsAlone } from './retries.ts';

/** What must end in quarantine, each with its reason, and never keep others from being judged. */
export const malformed: readonly StoryKind[] = [
  { kind: 'not-json', in1500: 6, play: notJson },
  { kind: 'schema-violation', in1500: 8, play: schemaViolation },
  { kind: 'unknown-type', in1500: 4, play: unknownType },
  { kind: 'card-number-as-payer', in1500: 3, play: cardNumberAsPayer },
  { kind: 'card-number-as-instrument', in1500: 2, play: cardNumberAsInstrument },
  { kind: 'far-in-the-future', in1500: 3, play: farInTheFuture },
  { kind: 'too-large', in1500: 1, play: tooLarge },
  { kind: 'refund-of-nothing', in1500: 4, play: refundOfNothing },
  { kind: 'conflict-of-amounts', in1500: 4, play: (scene) => conflict(scene, 'amount') },
  { kind: 'conflict-of-currencies', in1500: 2, play: (scene) => conflict(scene, 'currency') },
];

/** The numbers that card networks publish for tests: they pass the Luhn check and belong to nobody. */
const TEST_VISA = '4111111111111111';
const TEST_MASTERCARD = '5555 5555 5555 4444';

function notJson(scene: Scene): void {
  const line = JSON.stringify(captured(scene));
  const csv = `${scene.token('ch')};${scene.token('p')};129.00;CNY`;
  scene.malformed('not-json', scene.random.pick([line.slice(0, 120), csv, `${line.slice(0, -1)},}`]));
}

function schemaViolation(scene: Scene): void {
  const { random } = scene;
  const event = captured(scene);
  const { amount: _, ...withoutAmount } = wire(captureless(scene));
  const wrong: readonly [Record<string, unknown>, ...Record<string, unknown>[]] = [
    { ...event, data: withoutAmount },
    { ...event, data: { ...withoutAmount, amount: { value: 129.9, currency: 'CNY' } } },
    { ...event, data: { ...withoutAmount, amount: { value: '12900', currency: 'CNY' } } },
    { ...event, data: { ...withoutAmount, amount: { value: -12900, currency: 'CNY' } } },
    { ...event, data: { ...withoutAmount, amount: { value: 12900, currency: 'cny' } } },
    { ...event, time: '11/11/2024 00:03' },
    { ...event, specversion: '0.3' },
    { ...event, source: ' ' },
  ];
  scene.malformed('schema', random.pick(wrong));
}

function unknownType(scene: Scene): void {
  scene.malformed('schema', { ...captured(scene), type: scene.random.pick(['charge.settled', 'payout.sent']) });
}

function cardNumberAsPayer(scene: Scene): void {
  const charge = { ...captureless(scene), payer: TEST_VISA };
  scene.malformed('card-number', scene.event('charge.captured', charge.source, wire(charge)));
}

function cardNumberAsInstrument(scene: Scene): void {
  const charge = { ...captureless(scene), instrument: TEST_MASTERCARD };
  scene.malformed('card-number', scene.event('charge.captured', charge.source, wire(charge)));
}

/** A processor that got its century wrong. */
function farInTheFuture(scene: Scene): void {
  scene.malformed('future', { ...captured(scene), time: '2124-11-11T00:00:11.000Z' });
}

function tooLarge(scene: Scene): void {
  scene.malformed('too-large', { ...captured(scene), remark: '双十一'.repeat(EVENT_BYTES_MAX / 9) });
}

/** Neither a total nor a refund: what went back cannot be known, so both charges stand. */
function refundOfNothing(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE);
  const duplicate = scene.capture(purchase);
  scene.wait(MINUTE);
  scene.malformed('schema', scene.event('charge.refunded', purchase.source, { chargeId: original.chargeId }));
  standsAlone(scene, [original, duplicate]);
}

/** A known charge again, of the same time and with other money: the first verdict stays, and the retry after it is judged by the first. */
function conflict(scene: Scene, about: 'amount' | 'currency'): void {
  const purchase = scene.purchase({ currency: 'CNY' });
  const original = scene.capture(purchase);
  scene.wait(10 * SECOND, MINUTE);
  scene.contradict(
    about === 'amount' ? { ...original, amountMinor: original.amountMinor + 4321 } : { ...original, currency: 'KWD' },
  );
  scene.wait(10 * SECOND, MINUTE);
  standsAlone(scene, [original, scene.capture(purchase)]);
}

function captured(scene: Scene): Record<string, unknown> {
  const charge = captureless(scene);
  return scene.event('charge.captured', charge.source, wire(charge));
}

function captureless(scene: Scene) {
  return scene.uncaptured(scene.purchase(), 'malformed');
}
