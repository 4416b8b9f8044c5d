import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SANDBOX_BEHAVIOUR_KEY } from '../../adapters/gateways/sandbox-items.ts';
import { charge } from '../fixtures/charges.ts';
import { newRequest, refundGatewaySuite } from './refund-gateway.suite.ts';
import { type SandboxProcessor, startSandboxProcessor } from './refund-gateway-sandbox-table.ts';
import { type StripeProcessor, startStripeProcessor } from './refund-gateway-stripe-server.ts';
import { startWebhookProcessor } from './refund-gateway-webhook-server.ts';

refundGatewaySuite('sandbox, on DynamoDB', startSandboxProcessor);
refundGatewaySuite('stripe, over its SDK', () => startStripeProcessor());
refundGatewaySuite('webhook, over HTTP', startWebhookProcessor);

describe('the gateway sandbox alone', () => {
  let sandbox: SandboxProcessor;
  beforeAll(async () => {
    sandbox = await startSandboxProcessor();
  });
  afterAll(() => sandbox?.stop());

  it('has refunded once when the response of its own database was lost', async () => {
    const request = newRequest({ refundMinor: 1_000 });
    await sandbox.book(request.charge, {});
    sandbox.loseNextResponse();
    const outcomes = [await sandbox.gateway.reverse(request), await sandbox.gateway.reverse(request)];
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'refunded']);
    expect(await sandbox.standingOf(request.charge)).toMatchObject({ refundedMinor: 1_000 });
  });

  it('counts its pending answers once each, however many ask at once', async () => {
    const request = newRequest({ refundMinor: 1_000 });
    await sandbox.book(request.charge, { behaviour: 'pending:2' });
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => sandbox.gateway.reverse(request)));
    expect(outcomes.filter(({ kind }) => kind === 'pending')).toHaveLength(2);
    expect((await sandbox.gateway.reverse(request)).kind).toBe('refunded');
    expect(await sandbox.standingOf(request.charge)).toMatchObject({ refundedMinor: 1_000 });
  });

  it('applies the default item to charges without a behaviour of their own', async () => {
    const [first, second] = [newRequest(), newRequest()];
    await sandbox.book(first.charge, { behaviour: 'pending:2' });
    await sandbox.book(second.charge, {});
    await sandbox.put({ pk: SANDBOX_BEHAVIOUR_KEY, behaviour: 'reversed-externally' });
    expect((await sandbox.gateway.reverse(first)).kind).toBe('pending');
    expect((await sandbox.gateway.reverse(second)).kind).toBe('reversed-externally');
    // What it says is true: its books hold no money of the charge any more.
    expect(await sandbox.standingOf(second.charge)).toEqual({ state: 'voided', refundedMinor: 0 });
    await sandbox.put({ pk: SANDBOX_BEHAVIOUR_KEY, behaviour: 'refunds' });
    expect((await sandbox.gateway.reverse(second)).kind).toBe('reversed-externally');
  });
});

describe('the gateway stripe alone', () => {
  let stripe: StripeProcessor;
  beforeAll(async () => {
    stripe = await startStripeProcessor();
  });
  afterAll(() => stripe?.stop());

  it('finds its refund by the metadata when Stripe has forgotten the key', async () => {
    const request = newRequest({ refundMinor: 1_000 });
    await stripe.book(request.charge, { behaviour: 'times-out-after-success' });
    expect((await stripe.gateway.reverse(request)).kind).toBe('unknown');
    stripe.forgetKeys();
    expect((await stripe.gateway.reverse(request)).kind).toBe('refunded');
    expect(await stripe.standingOf(request.charge)).toMatchObject({ refundedMinor: 1_000 });
  });

  it('finds its refund among more than the charge carries', async () => {
    const request = newRequest({ refundMinor: 1_000 });
    await stripe.book(request.charge, {});
    const first = await stripe.gateway.reverse(request);
    stripe.refundByOthers(request.charge.chargeId, 120);
    stripe.forgetKeys();
    expect(await stripe.gateway.reverse(request)).toEqual(first);
    expect(await stripe.standingOf(request.charge)).toMatchObject({ refundedMinor: 1_120 });
  });

  it('takes a payment intent for a charge', async () => {
    const booked = charge({ chargeId: 'ch_by_intent' });
    await stripe.book(booked, {});
    const request = newRequest({ charge: { ...booked, chargeId: 'pi_by_intent' } });
    expect((await stripe.gateway.reverse(request)).kind).toBe('refunded');
    expect(await stripe.standingOf(booked)).toMatchObject({ refundedMinor: 12_900 });
  });

  it('asks twice for a refund: what there is, and the refund', async () => {
    const request = newRequest();
    await stripe.book(request.charge, {});
    const before = stripe.asked.length;
    await stripe.gateway.reverse(request);
    expect(stripe.asked.slice(before)).toEqual([`GET /v1/charges/${request.charge.chargeId}`, 'POST /v1/refunds']);
  });
});
