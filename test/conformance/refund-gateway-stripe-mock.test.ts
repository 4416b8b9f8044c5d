import { describe, expect, it } from 'vitest';
import { createStripeGateway } from '../../adapters/gateways/stripe.ts';
import type { ReversalOutcome } from '../../core/refunds/refund-gateway.ts';
import { charge } from '../fixtures/charges.ts';
import { newRequest, refundGatewaySuite } from './refund-gateway.suite.ts';
import { startStripeMock, stripeMockMissing } from './refund-gateway-stripe-mock.ts';
import { startStripeProcessor, stripeProps } from './refund-gateway-stripe-server.ts';

/** The first run builds stripe-mock from source. */
const FIRST_RUN_MS = 450_000;
const missing = stripeMockMissing();

if (missing !== undefined) {
  describe('the gateway stripe, against stripe-mock', () => {
    it('is not tested on this machine', ({ skip }) => skip(missing));
  });
} else {
  describe('the gateway stripe, against stripe-mock', () => {
    it('refunds a captured charge', { timeout: FIRST_RUN_MS }, async () => {
      expect(await reverseAt({ captured: true, amountMinor: 100 })).toEqual({
        kind: 'refunded',
        processorReference: expect.stringMatching(/^re_/),
      });
    });

    it('cancels the payment intent of a charge that was never captured', { timeout: FIRST_RUN_MS }, async () => {
      expect(await reverseAt({ captured: false, amountMinor: 1_099 })).toEqual({
        kind: 'refunded',
        processorReference: expect.stringMatching(/^pi_/),
      });
    });

    it('moves nothing when Stripe knows another amount', { timeout: FIRST_RUN_MS }, async () => {
      expect((await reverseAt({ captured: true, amountMinor: 101 })).kind).toBe('failed');
    });
  });

  refundGatewaySuite('stripe, with every request checked against the specification', async () => {
    const mock = await startStripeMock({ captured: true });
    const processor = await startStripeProcessor((received) => mock.inspect(received));
    return {
      ...processor,
      stop: async () => {
        await processor.stop();
        await mock.stop();
      },
    };
  });
}

async function reverseAt({
  captured,
  amountMinor,
}: {
  captured: boolean;
  amountMinor: number;
}): Promise<ReversalOutcome> {
  const mock = await startStripeMock({ captured });
  try {
    const gateway = createStripeGateway(stripeProps(mock));
    return await gateway.reverse(newRequest({ charge: charge({ chargeId: 'ch_1', amountMinor, currency: 'USD' }) }));
  } finally {
    await mock.stop();
  }
}
