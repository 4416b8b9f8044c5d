import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookHeaders, webhookKeysOf } from '../../../adapters/gateways/standard-webhooks.ts';

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function keysOf(secret: string): readonly Buffer[] {
  const keys = webhookKeysOf(secret);
  if (keys === undefined) throw new Error('no keys');
  return keys;
}

describe('the signature of Standard Webhooks', () => {
  it('agrees with the vector of the reference implementations', () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1_614_265_330,
      body: '{"test": 2432232314}',
    };
    expect(webhookHeaders(message, keysOf(KEY))).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each([24, 32, 64])('by a key of %d bytes is verified by the reference library', (bytes) => {
    const secret = randomBytes(bytes).toString('base64');
    const body = JSON.stringify({ type: 'refund.requested', data: { reason: '重复扣款' } });
    const message = { id: 'onecharge-f-0', timestampSeconds: Math.floor(Date.now() / 1_000), body };
    expect(new Webhook(secret).verify(body, webhookHeaders(message, keysOf(secret)))).toEqual(JSON.parse(body));
  });

  it('is made by the old and the new key while a key is changed', () => {
    const next = `whsec_${randomBytes(32).toString('base64')}`;
    const message = { id: 'id', timestampSeconds: Math.floor(Date.now() / 1_000), body: '{}' };
    const headers = webhookHeaders(message, keysOf(`${next} ${KEY}`));
    expect(new Webhook(KEY).verify('{}', headers)).toEqual({});
    expect(new Webhook(next).verify('{}', headers)).toEqual({});
  });

  it.each([
    ['empty', ''],
    ['not base64', 'whsec_not base64!'],
    ['too short', `whsec_${randomBytes(23).toString('base64')}`],
    ['too long', `whsec_${randomBytes(65).toString('base64')}`],
    ['a good key beside a bad one', `${KEY} x`],
  ])('is not made by a key that is %s', (_, secret) => {
    expect(webhookKeysOf(secret)).toBeUndefined();
  });
});
