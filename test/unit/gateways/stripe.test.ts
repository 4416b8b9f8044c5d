import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayFault } from '../../../adapters/gateways/gateway-fault.ts';
import { createStripeGateway } from '../../../adapters/gateways/stripe.ts';
import { SecretFault } from '../../../adapters/secrets/read-secret.ts';
import { Fault } from '../../../core/fault.ts';
import { charge } from '../../fixtures/charges.ts';
import { type Answered, type LoopbackServer, type Received, serveLoopback } from '../../fixtures/loopback-server.ts';
import { KEY, STRIPE_ANSWERS, type StripeAnswer } from './stripe-errors.ts';

const REQUEST = {
  charge: charge({ chargeId: 'ch_1', amountMinor: 12_900, currency: 'USD' }),
  refundMinor: 12_900,
  idempotencyKey: 'f1-0',
  reference: 'onecharge-f1-0',
};
const CHARGE = {
  id: 'ch_1',
  object: 'charge',
  amount: 12_900,
  amount_captured: 12_900,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  disputed: false,
  payment_intent: null,
  refunded: false,
  refunds: { object: 'list', data: [], has_more: false },
  status: 'succeeded',
};

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function reverse(answers: (received: Received) => Answered, readSecret = async () => KEY) {
  const received: Received[] = [];
  const faults: GatewayFault[] = [];
  server = await serveLoopback(async (one) => {
    received.push(one);
    return answers(one);
  });
  const gateway = createStripeGateway({
    secret: 'processors/stripe',
    secrets: { readSecret },
    report: (fault) => faults.push(fault),
    endpoint: { host: '127.0.0.1', port: server.port, protocol: 'http' },
  });
  return { outcome: await gateway.reverse(REQUEST), received, faults };
}

const says = (body: object, status = 200): Answered => ({ status, body: JSON.stringify(body) });
const refusing = ({ status, error }: StripeAnswer) => says({ error }, status);
/** The charge is there; the refund is answered as told. */
const toRefund = (answered: Answered) => (received: Received) => (received.method === 'GET' ? says(CHARGE) : answered);

describe('an error of Stripe', () => {
  it.each(STRIPE_ANSWERS)('to the refund: $name is $becomes', async (answer) => {
    const { outcome, faults } = await reverse(toRefund(refusing(answer)));
    expect(outcome.kind).toBe(answer.becomes);
    expect(faults.map(({ code }) => code)).toEqual(answer.reported === undefined ? [] : [answer.reported]);
  });

  it.each(STRIPE_ANSWERS)('to the look at the charge: $name moves nothing', async (answer) => {
    const { outcome, received } = await reverse(() => refusing(answer));
    expect(outcome.kind).toBe(answer.becomes);
    expect(received.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it.each(STRIPE_ANSWERS)('is told by its code, never by its message: $name', async (answer) => {
    const { outcome, faults } = await reverse(toRefund(refusing(answer)));
    const text = JSON.stringify([outcome, faults]);
    expect(text).not.toContain(KEY);
    expect(text).not.toContain('sk_test');
    expect(text).not.toContain(answer.error.message ?? 'a message');
  });

  it.each([
    ['a cut connection', 'drop'],
    ['what is no JSON', { status: 200, body: '<html>' }],
    ['a gateway on the way', { status: 502, body: '<html>bad gateway</html>' }],
  ] as const)('%s says nothing of the money', async (_, answered) => {
    const { outcome, faults } = await reverse(toRefund(answered));
    expect([outcome.kind, faults]).toEqual(['unknown', []]);
  });
});

describe('a refund at Stripe', () => {
  it('is asked for with reason, reference and key', async () => {
    const { received } = await reverse(toRefund(says({ id: 're_1', status: 'succeeded' })));
    const [, posted] = received;
    expect(posted?.url.pathname).toBe('/v1/refunds');
    expect(Object.fromEntries(new URLSearchParams(posted?.body))).toEqual({
      charge: 'ch_1',
      amount: '12900',
      reason: 'duplicate',
      'metadata[onecharge_reference]': 'onecharge-f1-0',
    });
    expect(posted?.headers['idempotency-key']).toBe('f1-0');
  });

  it.each([
    ['succeeded', { kind: 'refunded', processorReference: 're_1' }],
    ['pending', { kind: 'pending' }],
    ['requires_action', { kind: 'pending' }],
    ['failed', { kind: 'failed', reason: 'stripe: the refund re_1 is failed: expired_or_canceled_card' }],
    ['canceled', { kind: 'failed', reason: 'stripe: the refund re_1 is canceled: expired_or_canceled_card' }],
    ['some_new_state', { kind: 'unknown', reason: 'stripe: the refund re_1 is in a state that we do not know' }],
  ])('that is %s', async (status, outcome) => {
    const refund = { id: 're_1', status, failure_reason: 'expired_or_canceled_card' };
    expect((await reverse(toRefund(says(refund)))).outcome).toEqual(outcome);
  });

  it.each([
    ['a charge still in the making', { status: 'pending' }, 'pending'],
    ['a charge that failed', { status: 'failed', captured: false }, 'reversed-externally'],
    ['a capture of less', { amount_captured: 10_000 }, 'failed'],
    ['another currency', { currency: 'eur' }, 'failed'],
  ])('is not asked for of %s', async (_, shows, kind) => {
    const { outcome, received } = await reverse(() => says({ ...CHARGE, ...shows }));
    expect([outcome.kind, received.map(({ method }) => method)]).toEqual([kind, ['GET']]);
  });

  it('is looked for once more when Stripe refuses: an earlier ask may have been carried out meanwhile', async () => {
    const ours = { id: 're_9', status: 'succeeded', metadata: { onecharge_reference: 'onecharge-f1-0' } };
    let isDone = false;
    const { outcome } = await reverse(({ method }) => {
      if (method === 'GET') return says(isDone ? { ...CHARGE, refunds: { data: [ours], has_more: false } } : CHARGE);
      isDone = true;
      return says({ error: { type: 'invalid_request_error', code: 'charge_already_refunded' } }, 400);
    });
    expect(outcome).toEqual({ kind: 'refunded', processorReference: 're_9' });
  });
});

describe('the key of Stripe', () => {
  it.each(['', 'whsec_abc', 'sk_live_with blank'])('that is no key (%j) asks nobody and is reported', async (key) => {
    const { outcome, received, faults } = await reverse(
      () => says(CHARGE),
      async () => key,
    );
    expect([outcome, received.length]).toEqual([{ kind: 'unknown', reason: 'the secret cannot be used' }, 0]);
    expect(faults).toMatchObject([{ gateway: 'stripe', secret: 'processors/stripe' }]);
    if (key !== '') expect(JSON.stringify(faults)).not.toContain(key);
  });

  it('that cannot be read is reported by the code of the cause', async () => {
    const { outcome, faults } = await reverse(
      () => says(CHARGE),
      async () => {
        throw new SecretFault('processors/stripe', 'ResourceNotFoundException');
      },
    );
    expect(outcome.kind).toBe('unknown');
    expect(faults.map(({ code }) => code)).toEqual(['ResourceNotFoundException']);
  });

  it('fails the step for a retry, and reports no fault, while Secrets Manager is busy', async () => {
    const busy = new Fault('dependency-busy', 'too many requests');
    await expect(
      reverse(
        () => says(CHARGE),
        () => Promise.reject(busy),
      ),
    ).rejects.toBe(busy);
  });
});
