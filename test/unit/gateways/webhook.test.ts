import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayFault } from '../../../adapters/gateways/gateway-fault.ts';
import { createWebhookGateway } from '../../../adapters/gateways/webhook.ts';
import { Fault } from '../../../core/fault.ts';
import type { ReversalRequest } from '../../../core/refunds/refund-gateway.ts';
import { charge } from '../../fixtures/charges.ts';
import { type Answered, type LoopbackServer, type Received, serveLoopback } from '../../fixtures/loopback-server.ts';

const KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const REQUEST: ReversalRequest = {
  charge: charge({ chargeId: 'ch_1' }),
  refundMinor: 12_900,
  idempotencyKey: 'f1-0',
  reference: 'onecharge-f1-0',
};

let server: LoopbackServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function ask(...given: Parameters<typeof start>) {
  const { gateway, ...seen } = await start(...given);
  return { outcome: await gateway.reverse(REQUEST), ...seen, reverse: () => gateway.reverse(REQUEST) };
}

async function start(answers: (received: Received) => Answered, secret = `whsec_${KEY}`) {
  const received: Received[] = [];
  const faults: GatewayFault[] = [];
  server = await serveLoopback(async (one) => {
    received.push(one);
    return answers(one);
  });
  const gateway = createWebhookGateway({
    url: `${server.origin}/refunds`,
    secret: 'processors/acme',
    secrets: { readSecret: async () => secret },
    report: (fault) => faults.push(fault),
    nowMs: () => Date.now(),
    // Longer than any answer on loopback takes, however busy the machine is.
    answerMsMax: 2_000,
  });
  return { gateway, received, faults };
}

const says = (body: unknown, status = 200): Answered => ({ status, body: JSON.stringify(body) });

describe('the webhook gateway', () => {
  it('fails the step for a retry, and asks no processor, while Secrets Manager is busy', async () => {
    const busy = new Fault('dependency-busy', 'too many requests');
    const gateway = createWebhookGateway({
      url: 'http://127.0.0.1:9/refunds',
      secret: 'processors/acme',
      secrets: { readSecret: () => Promise.reject(busy) },
      report: () => expect.unreachable('nothing is to be repaired'),
      nowMs: () => Date.now(),
    });
    await expect(gateway.reverse(REQUEST)).rejects.toBe(busy);
  });

  it.each([
    [
      { outcome: 'refunded', reference: 'r-1' },
      { kind: 'refunded', processorReference: 'r-1' },
    ],
    [
      { outcome: 'refunded', more: 1 },
      { kind: 'refunded', processorReference: 'onecharge-f1-0' },
    ],
    [
      { outcome: 'refunded', reference: null },
      { kind: 'refunded', processorReference: 'onecharge-f1-0' },
    ],
    [{ outcome: 'reversed-externally' }, { kind: 'reversed-externally' }],
    [{ outcome: 'pending' }, { kind: 'pending' }],
    [
      { outcome: 'failed', reason: ' account closed ' },
      { kind: 'failed', reason: 'account closed' },
    ],
    [{ outcome: 'failed' }, { kind: 'failed', reason: 'refused without a reason' }],
  ])('takes %j for what it says', async (body, outcome) => {
    expect((await ask(() => says(body))).outcome).toEqual(outcome);
  });

  it('masks card data in the reason, also where the line is cut', async () => {
    const padding = 'x'.repeat(190);
    for (const reason of ['card 4111 1111 1111 1111, cvv 123', `${padding} 4111111111111111`]) {
      const { outcome } = await ask(() => says({ outcome: 'failed', reason }));
      expect(outcome).toMatchObject({ kind: 'failed', reason: expect.not.stringMatching(/4111|123/) });
      await server?.stop();
    }
  });

  it('makes one short line of whatever reason it is given', async () => {
    const { outcome } = await ask(() => says({ outcome: 'failed', reason: `a\nb\u202e\u0000c${'x'.repeat(10_000)}` }));
    expect(outcome).toEqual({ kind: 'failed', reason: `a b c${'x'.repeat(195)}` });
  });

  const UNSAYING: readonly (readonly [string, Answered])[] = [
    ['no JSON', { status: 200, body: '<html>' }],
    ['an empty answer', { status: 202 }],
    ['an outcome that there is not', says({ outcome: 'done' })],
    ['a reference that is too long', says({ outcome: 'refunded', reference: 'x'.repeat(257) })],
    ['an answer that is too long', says({ outcome: 'failed', reason: 'x'.repeat(20_000) })],
    ['a refusal by status 400', says({ outcome: 'failed' }, 400)],
    ['a status 404', says({}, 404)],
    ['a status 409', says({}, 409)],
    ['a status 410', says({}, 410)],
    ['a status 422', says({}, 422)],
    ['a status 429', says({}, 429)],
    ['a status 500', says({ outcome: 'refunded' }, 500)],
    ['a status 503', says({}, 503)],
    ['a cut connection', 'drop'],
    ['no answer in time', 'hang'],
  ];
  it.each(UNSAYING)('does not know what %s means for the money', async (_, answered) => {
    const { outcome, faults } = await ask(() => answered);
    expect([outcome.kind, faults]).toEqual(['unknown', []]);
  });

  it.each([301, 302, 307, 308])('follows no redirect (%d)', async (status) => {
    const headers = { location: '/elsewhere' };
    const { outcome, received } = await ask(() => ({ status, headers }));
    expect([outcome.kind, received.map(({ url }) => url.pathname)]).toEqual(['unknown', ['/refunds']]);
  });

  it.each([401, 403])('reports a refused signature, by its code alone (%d)', async (status) => {
    const { outcome, faults } = await ask(() => says({}, status));
    expect(outcome.kind).toBe('unknown');
    expect(faults).toEqual([{ gateway: 'webhook', code: `http ${status}`, secret: 'processors/acme' }]);
  });

  it('sends the same body and id each time, under the same key', async () => {
    const { received, reverse } = await ask(() => says({ outcome: 'pending' }));
    await reverse();
    const sent = received.map(({ body, headers }) => [body, headers['idempotency-key'], headers['webhook-id']]);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.slice(1)).toEqual(['f1-0', 'onecharge-f1-0']);
  });

  it.each(['', 'sk_live_topsecret', `whsec_${KEY.slice(8)}`])(
    'asks nobody with a bad key, and quotes none',
    async (key) => {
      const { outcome, received, faults } = await ask(() => says({ outcome: 'refunded' }), key);
      expect([outcome.kind, received.length, faults.length]).toEqual(['unknown', 0, 1]);
      if (key !== '') expect(JSON.stringify([outcome, faults])).not.toContain(key);
    },
  );

  it('never says its key, whatever goes wrong', async () => {
    for (const [, answered] of [...UNSAYING, ['unauthorized', says({}, 401)] as const]) {
      const { outcome, received, faults } = await ask(() => answered);
      expect(JSON.stringify([outcome, faults, received])).not.toContain(KEY);
      await server?.stop();
      server = undefined;
    }
  });
});

describe('a lookup over a webhook', () => {
  const FOUND = {
    lookup: 'found',
    movement: 'mv-1',
    merchant: 'm_1',
    order: 'o_1',
    payer: 'p_1',
    amount: { value: 12_900, currency: 'CNY' },
    refundable: 12_900,
  };
  const UNKNOWN = { kind: 'unknown', reason: 'the processor answered what is not of the schema' };

  async function lookUp(answered: Answered) {
    const { gateway, received, faults } = await start(() => answered);
    return { lookup: await gateway.lookup(REQUEST.charge), received, faults };
  }

  it.each([
    [
      FOUND,
      {
        kind: 'found',
        movement: 'mv-1',
        merchant: 'm_1',
        order: 'o_1',
        payer: 'p_1',
        amountMinor: 12_900,
        currency: 'CNY',
        refundableMinor: 12_900,
      },
    ],
    [
      { ...FOUND, order: null, payer: undefined },
      { kind: 'found', order: undefined, payer: undefined },
    ],
    [{ lookup: 'not-found' }, { kind: 'not-found' }],
    [{ ...FOUND, movement: '' }, UNKNOWN],
    [{ ...FOUND, refundable: -1 }, UNKNOWN],
    [{ outcome: 'refunded' }, UNKNOWN],
  ])('reads %j', async (body, lookup) => {
    expect((await lookUp(says(body))).lookup).toMatchObject(lookup);
  });

  it.each([404, 405, 501])('is unsupported where the endpoint answers %i', async (status) => {
    expect((await lookUp({ status })).lookup).toEqual({ kind: 'unsupported' });
  });

  it.each([302, 400, 403, 422, 429, 500, 503])('is unknown where the endpoint answers %i', async (status) => {
    const { lookup, faults } = await lookUp({ status });
    expect(lookup).toEqual({ kind: 'unknown', reason: `the processor answered http ${status}` });
    expect(faults).toHaveLength(status === 403 ? 1 : 0);
  });

  it('tells the processor which charge and nothing else, signed, without an idempotency key', async () => {
    const { received } = await lookUp(says(FOUND));
    const [message] = received;
    const headers = message?.headers ?? {};
    expect(JSON.parse(message?.body ?? '')).toEqual({
      type: 'charge.lookup',
      data: { charge: { source: REQUEST.charge.source, chargeId: 'ch_1' } },
    });
    expect(headers).toMatchObject({
      'webhook-id': expect.stringMatching(/^onecharge-lookup-[0-9a-f]{32}-\d+$/),
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
    expect(headers).not.toHaveProperty('idempotency-key');
  });
});
