import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfiguredGateways } from '../../../adapters/gateways/configured-gateways.ts';
import type { GatewayFault } from '../../../adapters/gateways/gateway-fault.ts';
import { ACME, BANK, charge, WALLET } from '../../fixtures/charges.ts';
import { type LoopbackServer, serveLoopback } from '../../fixtures/loopback-server.ts';

const KEYS: Readonly<Record<string, string>> = {
  'processors/acme': 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'processors/stripe': 'no key of Stripe',
};

let processor: LoopbackServer;
beforeAll(async () => {
  processor = await serveLoopback(async () => ({ status: 200, body: '{"outcome":"reversed-externally"}' }));
});
afterAll(() => processor.stop());

/** Secrets Manager with two secrets, DynamoDB without a table. */
function gatewayOf(faults: GatewayFault[]) {
  const secretsManager = new SecretsManagerClient({ region: 'us-east-1' });
  secretsManager.middlewareStack.add(
    () => async (given) => {
      const SecretString = 'SecretId' in given.input ? KEYS[String(given.input.SecretId)] : undefined;
      return { output: { $metadata: {}, SecretString }, response: {} };
    },
    { step: 'initialize' },
  );
  const dynamodb = new DynamoDBClient({ region: 'us-east-1' });
  dynamodb.middlewareStack.add(
    () => async () => {
      throw new Error('no such table');
    },
    { step: 'initialize' },
  );
  const sources = [
    { id: WALLET, gateway: { kind: 'sandbox' } },
    { id: ACME, gateway: { kind: 'webhook', url: `${processor.origin}/refunds`, secret: 'processors/acme' } },
    { id: '/processors/stripe', gateway: { kind: 'stripe', secret: 'processors/stripe' } },
    { id: BANK, gateway: undefined },
  ] as const;
  const registered = sources.map((source) => ({ ...source, merchants: 'all' as const }));
  return createConfiguredGateways({
    sources: registered,
    dynamodb,
    sandboxTable: 'sandbox',
    secretsManager,
    report: (fault) => faults.push(fault),
    nowMs: () => Date.now(),
    random: () => 0,
    sleep: async () => {},
  });
}

it.each([
  [ACME, { kind: 'reversed-externally' }, []],
  ['/processors/stripe', { kind: 'unknown', reason: 'the secret cannot be used' }, ['stripe']],
  [WALLET, { kind: 'unknown', reason: 'no such table' }, []],
  [BANK, { kind: 'unknown', reason: `the source ${BANK} has no gateway: name one in "sources"` }, ['none']],
  ['/left', { kind: 'unknown', reason: 'the source /left has no gateway: name one in "sources"' }, ['none']],
])(
  'the charges of %s are reversed by the gateway that the registry names for it, or by none',
  async (source, outcome, by) => {
    const faults: GatewayFault[] = [];
    const asked = charge({ chargeId: 'ch_1', source });
    const request = { charge: asked, refundMinor: 1, idempotencyKey: 'f-0', reference: 'onecharge-f-0' };
    expect(await gatewayOf(faults)(source).reverse(request)).toEqual(outcome);
    expect(faults.map(({ gateway }) => gateway)).toEqual(by);
  },
);
