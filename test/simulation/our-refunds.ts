import type { PaymentEvent } from '../../core/events/payment-event.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import type { Random } from '../../scenario/random.ts';
import { MINUTE, refunded, refundedOnce, SECOND } from '../fixtures/charges.ts';

/** Of our refunds, how many fail after they were done. */
const BOUNCE_CHANCE = 0.1;

interface News {
  readonly afterMs: number;
  readonly hasFailed: boolean;
  readonly eventAt: (nowMs: number) => PaymentEvent;
}

/** Our own refund comes back as an event of the processor, by our reference. Some fail after they were done. */
export function newsOfOurRefund(
  { charge, reference }: ReversalRequest,
  random: Random,
  doneMs: number,
): readonly News[] {
  const done = refunded(charge, charge.amountMinor, { timeMs: doneMs, reference });
  const news = { afterMs: random.integer(0, 30) * SECOND, hasFailed: false, eventAt: () => done };
  if (!random.chance(BOUNCE_CHANCE)) return [news];
  const failedAt = (timeMs: number) =>
    refundedOnce(charge, { refundId: `of ${reference}`, refundMinor: 0, timeMs, reference });
  return [news, { afterMs: random.integer(1, 60) * MINUTE, hasFailed: true, eventAt: failedAt }];
}
