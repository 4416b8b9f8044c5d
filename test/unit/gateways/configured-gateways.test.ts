import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConfiguredGateways } from '../../../adapters/gateways/configured-gateways.ts';
import type { GatewayFault } from '../../../adapters/gateways/gateway-fault.ts';
import { ACME, charge, WALLET } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
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
  const gateways = {
    default: 'sandbox',
    [ACME]: { kind: 'webhook', url: `${processor.origin}/refunds`, secret: 'processors/acme' },
    '/processors/stripe': { kind: 'stripe', secret: 'processors/stripe' },
  };
  return createConfiguredGateways({
    gateways: configuration({ refunds: { gateways } }).refunds.gateways,
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
])(
  'the charges of %s are reversed by the gateway that is configured for it, or the default',
  async (source, outcome, by) => {
    const faults: GatewayFault[] = [];
    const asked = charge({ chargeId: 'ch_1', source });
    const request = { charge: asked, refundMinor: 1, idempotencyKey: 'f-0', reference: 'onecharge-f-0' };
    expect(await gatewayOf(faults)(source).reverse(request)).toEqual(outcome);
    expect(faults.map(({ gateway }) => gateway)).toEqual(by);
  },
);
