import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createGatewaySecrets } from '../../../adapters/secrets/gateway-secrets.ts';
import { MINUTE } from '../../fixtures/charges.ts';

/** Secrets Manager, as far as it is asked here. */
function secretsManager(answer: () => { SecretString?: string }) {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  let reads = 0;
  client.middlewareStack.add(
    () => async () => {
      reads++;
      return { output: { $metadata: {}, ...answer() }, response: {} };
    },
    { step: 'initialize' },
  );
  return { client, reads: () => reads };
}

describe('the secrets of gateways', () => {
  it('are read once in a while, so that a rotated one comes into use', async () => {
    let nowMs = 0;
    let text = 'first\n';
    const { client, reads } = secretsManager(() => ({ SecretString: text }));
    const secrets = createGatewaySecrets({ client, nowMs: () => nowMs });
    expect([await secrets.readSecret('a'), await secrets.readSecret('a'), reads()]).toEqual(['first', 'first', 1]);
    text = 'second';
    nowMs = 5 * MINUTE;
    expect([await secrets.readSecret('a'), reads()]).toEqual(['second', 2]);
  });

  it('that are empty are named', async () => {
    const { client } = secretsManager(() => ({ SecretString: ' ' }));
    const secrets = createGatewaySecrets({ client, nowMs: () => 0 });
    await expect(secrets.readSecret('processors/acme')).rejects.toMatchObject({
      reason: 'empty',
      message: 'secret processors/acme cannot be used: empty',
    });
  });

  it('that cannot be read are named with the kind of the cause alone', async () => {
    const { client } = secretsManager(() => {
      throw Object.assign(new Error('something that quotes sk_live_123'), { name: 'AccessDeniedException' });
    });
    const secrets = createGatewaySecrets({ client, nowMs: () => 0 });
    const fault = await secrets.readSecret('processors/acme').catch((error: unknown) => error);
    expect(String(fault)).toBe('RetryLater: secret processors/acme cannot be used: AccessDeniedException');
  });
});
