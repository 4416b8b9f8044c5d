import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { WALLET } from '../../fixtures/charges.ts';
import { configurationJson, UNATTESTED } from '../../fixtures/configurations.ts';

/** What the registry makes of a gateway; the bounds that a real one needs are there. */
function gatewayOf(gateway: unknown) {
  const sources = { [WALLET]: { ...UNATTESTED, gateway, currencies: ['CNY'] } };
  const hour = { budgetPerHourMinor: { total: CNY }, capPerHourMinor: { total: CNY } };
  const bounds = { limitMinor: CNY, ...hour, twoPeopleAboveMinor: CNY, approverPerHourMinor: CNY };
  const parsed = parseConfiguration(configurationJson({ sources, refunds: bounds }));
  return parsed.kind === 'invalid' ? parsed.problems : parsed.configuration.sourceOf(WALLET)?.gateway;
}

const CNY = { CNY: 100_00 };
const STRIPE = { kind: 'stripe', secret: 'processors/stripe' };
const WEBHOOK = { kind: 'webhook', url: 'https://acme.example/refunds', secret: 'processors/acme' };

describe('the gateway of a source', () => {
  it('may be named, or described', () => {
    expect(gatewayOf('sandbox')).toEqual({ kind: 'sandbox' });
    expect(gatewayOf({ kind: 'sandbox' })).toEqual({ kind: 'sandbox' });
    expect(gatewayOf(STRIPE)).toEqual(STRIPE);
    expect(gatewayOf(WEBHOOK)).toEqual(WEBHOOK);
    const metadata = { order: 'cart', merchant: 'shop' };
    expect(gatewayOf({ ...STRIPE, metadata })).toEqual({ ...STRIPE, metadata });
  });

  it('may be left out', () => {
    expect(gatewayOf(undefined)).toBeUndefined();
  });

  it.each([
    'https://acme.example:8443/a?b=c',
    'http://127.0.0.1:8080/refunds',
    'http://localhost/refunds',
    'http://[::1]:99/',
  ])('may be reached at %s', (url) => {
    expect(gatewayOf({ ...WEBHOOK, url })).toEqual({ ...WEBHOOK, url });
  });

  it.each([
    'http://acme.example/refunds',
    'http://127.0.0.1.acme.example/',
    'https://user:password@acme.example/',
    'https://acme.example/#fragment',
    'ftp://acme.example/',
    'acme.example',
    '',
  ])('may not be reached at "%s"', (url) => {
    expect(gatewayOf({ ...WEBHOOK, url })).toEqual([
      'sources./processors/wallet.gateway.url: must be an https URL without user, password or fragment (http on loopback only)',
    ]);
  });

  const KINDS = 'must be "sandbox", or an object whose "kind" is "sandbox", "stripe" or "webhook"';
  const SECRET = 'must be the name or ARN of a secret in Secrets Manager';
  it.each([
    ['an unknown name', 'alipay', [`sources./processors/wallet.gateway.kind: ${KINDS}`]],
    ['an unknown kind', { kind: 'alipay' }, [`sources./processors/wallet.gateway.kind: ${KINDS}`]],
    ['a number', 5, [`sources./processors/wallet.gateway: ${KINDS}`]],
    ['no secret', { kind: 'stripe' }, [`sources./processors/wallet.gateway.secret: ${SECRET}`]],
    [
      'a name that cannot be',
      { ...STRIPE, secret: 'two words' },
      [`sources./processors/wallet.gateway.secret: ${SECRET}`],
    ],
    [
      'a metadata field that Stripe could not have',
      { ...STRIPE, metadata: { order: 'order[id]' } },
      [
        'sources./processors/wallet.gateway.metadata.order: must be the name of a metadata field: 1 to 40 characters without square brackets',
      ],
    ],
    ['a field too many', { ...STRIPE, key: 1 }, ['sources./processors/wallet.gateway: Unrecognized key: "key"']],
  ])('is refused with %s, saying what is allowed', (_, gateway, problems) => {
    expect(gatewayOf(gateway)).toEqual(problems);
  });

  it.each(['sk_live_abc', 'rk_live_abc', 'whsec_abc'])(
    'never holds a key, and its problem does not quote it (%s)',
    (secret) => {
      expect(gatewayOf({ ...STRIPE, secret })).toEqual([
        'sources./processors/wallet.gateway.secret: is the key itself; name the secret that holds it',
      ]);
    },
  );
});
