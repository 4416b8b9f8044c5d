import { fleeting, refunded, untouched } from '../expectation.ts';
import { HOUR, MINUTE, type Scene, type StoryKind } from '../scene.ts';

/**
 * Charges that a payer disputes with the bank. Such a charge is still matched, so that a verdict does not depend on how
 * fast people complain, but it does not stand: whoever wins the dispute, no money may go back twice.
 */
export const disputes: readonly StoryKind[] = [
  { kind: 'dispute-open-on-duplicate', in1500: 3, play: (scene) => disputeOfTwo(scene, 'duplicate', 'open') },
  { kind: 'dispute-open-on-original', in1500: 3, play: (scene) => disputeOfTwo(scene, 'original', 'open') },
  { kind: 'dispute-won-by-payer', in1500: 3, play: (scene) => disputeOfTwo(scene, 'duplicate', 'won-by-payer') },
  {
    kind: 'dispute-on-original-won-by-payer',
    in1500: 3,
    play: (scene) => disputeOfTwo(scene, 'original', 'won-by-payer'),
  },
  { kind: 'dispute-won-by-merchant', in1500: 4, play: (scene) => disputeOfTwo(scene, 'duplicate', 'won-by-merchant') },
  { kind: 'dispute-overtaken-by-outcome', in1500: 3, play: disputeOvertakenByOutcome },
  { kind: 'duplicate-of-disputed', in1500: 3, play: duplicateOfDisputed },
  { kind: 'duplicate-of-disputed-won-by-merchant', in1500: 3, play: duplicateOfDisputedWonByMerchant },
  { kind: 'charge-after-dispute-won-by-payer', in1500: 2, play: chargeAfterDisputeWonByPayer },
];

type Outcome = 'open' | 'won-by-payer' | 'won-by-merchant';

/** A charge, its duplicate, and a dispute about one of them when the flag has long been raised. */
function disputeOfTwo(scene: Scene, which: 'original' | 'duplicate', outcome: Outcome): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE, 8 * MINUTE);
  const duplicate = scene.capture(purchase);
  const disputed = which === 'original' ? original : duplicate;
  scene.wait(2 * HOUR, 9 * HOUR);
  scene.dispute(disputed, 'open');
  scene.wait(3 * HOUR, 9 * HOUR);
  if (outcome !== 'open') scene.dispute(disputed, outcome);

  const taken = outcome === 'open' ? 'disputed' : 'released';
  if (outcome === 'won-by-merchant') {
    scene.expect({ detector: 'same-order', members: [untouched(original), refunded(duplicate)] });
  } else if (which === 'original') {
    scene.expect({ detector: 'same-order', members: [untouched(original, { taken }), fleeting(duplicate)] });
  } else {
    scene.expect({ detector: 'same-order', members: [untouched(original), fleeting(duplicate, { taken })] });
  }
}

/** The outcome arrives before the news that there is a dispute: the latest event time holds. */
function disputeOvertakenByOutcome(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(MINUTE, 8 * MINUTE);
  const duplicate = scene.capture(purchase);
  scene.wait(8 * HOUR);
  scene.dispute(duplicate, 'won-by-merchant', { lateMs: 0 });
  scene.wait(MINUTE, 10 * MINUTE);
  scene.dispute(duplicate, 'open', { lateMs: 4 * HOUR });
  scene.expect({ detector: 'same-order', members: [untouched(original), refunded(duplicate)] });
}

/** The second is a duplicate of the disputed one, and yet the only one that stands: nothing is flagged. */
function duplicateOfDisputed(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(2 * HOUR);
  scene.dispute(original, 'open');
  scene.wait(MINUTE, HOUR);
  const duplicate = scene.capture(purchase);
  scene.expect({
    detector: 'same-order',
    members: [untouched(original, { taken: 'disputed' }), untouched(duplicate)],
  });
}

/** It is the end of the dispute that makes the duplicate surplus, so the flag is raised then. */
function duplicateOfDisputedWonByMerchant(scene: Scene): void {
  const purchase = scene.purchase();
  const original = scene.capture(purchase);
  scene.wait(2 * HOUR);
  scene.dispute(original, 'open');
  scene.wait(MINUTE, HOUR);
  const duplicate = scene.capture(purchase);
  scene.wait(3 * HOUR, 9 * HOUR);
  scene.dispute(original, 'won-by-merchant');
  scene.expect({ detector: 'same-order', members: [untouched(original), refunded(duplicate)] });
}

function chargeAfterDisputeWonByPayer(scene: Scene): void {
  const purchase = scene.purchase();
  const first = scene.capture(purchase);
  scene.wait(2 * HOUR);
  scene.dispute(first, 'open');
  scene.wait(5 * HOUR);
  scene.dispute(first, 'won-by-payer');
  scene.wait(MINUTE, HOUR);
  scene.capture(purchase);
}
