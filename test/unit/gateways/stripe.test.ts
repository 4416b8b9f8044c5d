import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayFault } from '../../../adapters/gateways/gateway-fault.ts';
import { createStripeGateway } from '../../../adapters/gateways/stripe.ts';
import type { StripeLookupProps } from '../../../adapters/gateways/stripe-lookup.ts';
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
  customer: 'cus_1',
  disputed: false,
  metadata: { order_id: 'o_1' },
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

async function start(
  answers: (received: Received) => Answered,
  readSecret = async () => KEY,
  shows: Partial<StripeLookupProps> = {},
) {
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
    metadata: {},
    onlyMerchant: undefined,
    endpoint: { host: '127.0.0.1', port: server.port, protocol: 'http' },
    ...shows,
  });
  return { gateway, received, faults };
}

async function reverse(...given: Parameters<typeof start>) {
  const { gateway, ...seen } = await start(...given);
  return { outcome: await gateway.reverse(REQUEST), ...seen };
}

async function lookUp(...given: Parameters<typeof start>) {
  const { gateway, ...seen } = await start(...given);
  return { lookup: await gateway.lookup(REQUEST.charge), ...seen };
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

describe('a lookup at Stripe', () => {
  const reading = (body: object, shows?: Partial<StripeLookupProps>) =>
    lookUp(
      () => says({ ...CHARGE, ...body }),
      async () => KEY,
      shows,
    ).then(({ lookup }) => lookup);

  it('finds order and customer, and no merchant where the account may have several', async () => {
    expect(await reading({})).toEqual({
      kind: 'found',
      movement: 'ch_1',
      merchant: undefined,
      order: 'o_1',
      payer: 'cus_1',
      amountMinor: 12_900,
      currency: 'USD',
      refundableMinor: 12_900,
    });
  });

  it('takes the only merchant of the account', async () => {
    expect(await reading({}, { onlyMerchant: 'm_1' })).toMatchObject({ merchant: 'm_1' });
  });

  it('reads the metadata fields that the configuration names, never another in their place', async () => {
    const metadata = { order: 'cart', payer: 'member', merchant: 'shop' };
    const told = { cart: 'o_2', member: 'p_2', shop: 'm_2', order_id: 'o_1' };
    expect(await reading({ metadata: told }, { metadata, onlyMerchant: 'm_1' })).toMatchObject({
      merchant: 'm_2',
      order: 'o_2',
      payer: 'p_2',
    });
    const nothing = await reading({ metadata: { order_id: 'o_1' } }, { metadata, onlyMerchant: 'm_1' });
    expect(nothing).toMatchObject({ merchant: undefined, order: undefined, payer: undefined });
  });

  it('takes the payment intent for the movement, and its metadata where the charge has none', async () => {
    const intent = { id: 'pi_1', object: 'payment_intent', metadata: { order_id: 'o_3' } };
    const found = await reading({ metadata: {}, payment_intent: intent });
    expect(found).toMatchObject({ movement: 'pi_1', order: 'o_3' });
  });

  it.each([
    ['was never captured', { captured: false, amount_captured: 0 }],
    ['is disputed', { disputed: true }],
    ['has failed', { status: 'failed' }],
    ['was refunded', { amount_refunded: 12_900, refunded: true }],
  ])('finds nothing to refund of a charge that %s', async (_, body) => {
    expect(await reading(body)).toMatchObject({ amountMinor: 12_900, refundableMinor: 0 });
  });

  it('is unknown for every answer but a missing charge, and reports a refused key', async () => {
    for (const answer of STRIPE_ANSWERS) {
      const { lookup, faults } = await lookUp(() => refusing(answer));
      expect(lookup.kind).toBe(answer.error.code === 'resource_missing' ? 'not-found' : 'unknown');
      expect(faults.map(({ gateway }) => gateway)).toEqual(answer.reported === undefined ? [] : ['stripe']);
      await server?.stop();
    }
  });
});
