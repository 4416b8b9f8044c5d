import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { configurationJson } from '../../fixtures/configurations.ts';

function gateways(given: unknown) {
  const parsed = parseConfiguration(configurationJson({ refunds: { gateways: given } }));
  return parsed.kind === 'invalid' ? parsed.problems : parsed.configuration.refunds.gateways;
}

const STRIPE = { kind: 'stripe', secret: 'processors/stripe' };
const WEBHOOK = { kind: 'webhook', url: 'https://acme.example/refunds', secret: 'processors/acme' };

describe('the gateways of the configuration', () => {
  it('are the sandbox unless something else is said', () => {
    const parsed = parseConfiguration(configurationJson());
    expect(parsed.kind === 'configuration' && parsed.configuration.refunds.gateways).toEqual({
      default: { kind: 'sandbox' },
    });
  });

  it('may be named, or described, by source', () => {
    expect(gateways({ default: 'sandbox', '/a': { kind: 'sandbox' }, '/b': STRIPE, '/c': WEBHOOK })).toEqual({
      default: { kind: 'sandbox' },
      '/a': { kind: 'sandbox' },
      '/b': STRIPE,
      '/c': WEBHOOK,
    });
  });

  it.each([
    'https://acme.example:8443/a?b=c',
    'http://127.0.0.1:8080/refunds',
    'http://localhost/refunds',
    'http://[::1]:99/',
  ])('may be reached at %s', (url) => {
    expect(gateways({ default: { ...WEBHOOK, url } })).toEqual({ default: { ...WEBHOOK, url } });
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
    expect(gateways({ default: { ...WEBHOOK, url } })).toEqual([
      'refunds.gateways.default.url: must be an https URL without user, password or fragment (http on loopback only)',
    ]);
  });

  const KINDS = 'must be "sandbox", or an object whose "kind" is "sandbox", "stripe" or "webhook"';
  const SECRET = 'must be the name or ARN of a secret in Secrets Manager';
  it.each([
    ['an unknown name', 'alipay', [`refunds.gateways.default.kind: ${KINDS}`]],
    ['an unknown kind', { kind: 'alipay' }, [`refunds.gateways.default.kind: ${KINDS}`]],
    ['a number', 5, [`refunds.gateways.default: ${KINDS}`]],
    ['no secret', { kind: 'stripe' }, [`refunds.gateways.default.secret: ${SECRET}`]],
    ['a name that cannot be', { ...STRIPE, secret: 'two words' }, [`refunds.gateways.default.secret: ${SECRET}`]],
    ['a field too many', { ...STRIPE, key: 1 }, ['refunds.gateways.default: Unrecognized key: "key"']],
  ])('are refused with %s, saying what is allowed', (_, gateway, problems) => {
    expect(gateways({ default: gateway })).toEqual(problems);
  });

  it.each(['sk_live_abc', 'rk_live_abc', 'whsec_abc'])('never hold a key, and do not quote it (%s)', (secret) => {
    expect(gateways({ default: { ...STRIPE, secret } })).toEqual([
      'refunds.gateways.default.secret: is the key itself; name the secret that holds it',
    ]);
  });

  it('need a default', () => {
    expect(gateways({ '/a': 'sandbox' })).toEqual([
      'refunds.gateways: needs "default": the gateway of every other source',
    ]);
  });
});
