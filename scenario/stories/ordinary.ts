import { DAY, HOUR, MINUTE, type Purchase, type Scene, SECOND, type StoryKind } from '../scene.ts';

/** What a sale is made of: nothing here may be flagged. These kinds fill the file up to the orders asked for. */
export const ordinary: readonly StoryKind[] = [
  { kind: 'single-charge', in1500: 850, play: singleCharge },
  { kind: 'deposit-and-balance', in1500: 170, play: depositAndBalance },
  { kind: 'shopping-spree', in1500: 60, play: shoppingSpree },
  { kind: 'cash-desk', in1500: 90, play: cashDesk },
];

function singleCharge(scene: Scene): void {
  const purchase = scene.purchase();
  const extra = scene.random.chance(0.05) ? { coupon: 'double11-30-off' } : {};
  scene.capture(purchase, { lateMs: someDelay(scene), extra });
  closePaid(scene, purchase);
}

/** A deposit some days ago, the balance tonight: each is owed, and they must not be taken for one another. */
function depositAndBalance(scene: Scene): void {
  const purchase = scene.purchase();
  const beforeMs = scene.random.integer(DAY, 6 * DAY);
  scene.wait(-beforeMs);
  scene.capture(
    { ...purchase, part: 'deposit', amountMinor: Math.ceil(purchase.amountMinor / 10) },
    { lateMs: someDelay(scene) },
  );
  scene.wait(beforeMs);
  scene.capture({ ...purchase, part: 'balance' });
  closePaid(scene, purchase);
}

/** One payer, three orders in as many minutes, no two alike in merchant and amount. */
function shoppingSpree(scene: Scene): void {
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    const purchase = scene.purchase({ order: scene.token('o', name) });
    scene.capture({ ...purchase, merchant: `m_${10 * index + 1}` });
    scene.wait(10 * SECOND, MINUTE);
    if (scene.random.chance(0.4)) scene.close({ ...purchase, merchant: `m_${10 * index + 1}` }, 'paid');
  }
}

/** Paid at a desk by a code on the phone: there is no order number. */
function cashDesk(scene: Scene): void {
  scene.capture(scene.purchase({ order: undefined, channel: 'pos', mcc: '5411' }), { lateMs: someDelay(scene) });
}

export function closePaid(scene: Scene, purchase: Purchase): void {
  scene.wait(5 * SECOND, 2 * MINUTE);
  if (scene.random.chance(0.8)) scene.close(purchase, 'paid');
}

/** Most events come at once, some minutes late and so out of order, a few within the lateness of an hour or beyond it. */
function someDelay({ random }: Scene): number {
  const luck = random.fraction();
  if (luck < 0.9) return random.integer(0, 2 * SECOND);
  if (luck < 0.96) return random.integer(10 * SECOND, 4 * MINUTE);
  return luck < 0.985 ? random.integer(5 * MINUTE, 55 * MINUTE) : random.integer(65 * MINUTE, 4 * HOUR);
}
