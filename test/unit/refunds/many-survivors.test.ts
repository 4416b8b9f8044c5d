import { expect, it } from 'vitest';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { claim } from '../../../core/refunds/claim.ts';
import { captured, charge, orderClosed, SECOND, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, UNATTESTED } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const ATTESTED = configuration({ sources: { [WALLET]: { ...UNATTESTED, attests: ['single-charge', 'totals'] } } });

/** An order of so many parts, each with another id of the same payment, and a copy of the last part. */
async function claimBeside(parts: number) {
  const part = (at: number, chargeId: string) =>
    charge({ chargeId, part: `part ${at}`, amountMinor: 100, payment: `pi_${at}` });
  const events: PaymentEvent[] = Array.from({ length: parts }, (_, at) => [
    captured(part(at, `charge ${at}`), { timeMs: START_MS + at }),
    captured(part(at, `twin ${at}`), { timeMs: START_MS + at }),
  ]).flat();
  const copy = charge({ chargeId: 'copy', part: `part ${parts - 1}`, amountMinor: 100 });
  const total = orderClosed('paid', { total: { amountMinor: parts * 100, currency: 'CNY' } });
  const world = refundWorld(ATTESTED);
  await world.deliver(...events, captured(copy, { timeMs: START_MS + SECOND }), total);
  const claimed = await claim({ flagId: world.flagOn('copy').id, attempt: 0 }, world);
  return { claimed, grants: world.charges.claims.all().length };
}

it('a claim checks as many records as a transaction holds: the charges that cover the total, and their twins', async () => {
  expect(await claimBeside(45)).toMatchObject({ claimed: { next: 'reverse' }, grants: 1 });
});

it('a claim that would check more waits for an approver', async () => {
  expect(await claimBeside(46)).toMatchObject({ claimed: { next: 'hold', waitsFor: ['total-disagrees'] }, grants: 0 });
});
