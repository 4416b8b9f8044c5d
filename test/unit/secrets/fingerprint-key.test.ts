import { InvalidRequestException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { readFingerprintKey } from '../../../adapters/secrets/fingerprint-key.ts';

function clientThat(answer: () => { SecretString?: string }): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(() => async () => ({ output: { $metadata: {}, ...answer() }, response: {} }), {
    step: 'initialize',
  });
  return client;
}

describe('the key of the fingerprints', () => {
  it('is waited for while its secret is scheduled for deletion: every record meets that alike', async () => {
    const client = clientThat(() => {
      throw new InvalidRequestException({ message: 'marked for deletion', $metadata: { httpStatusCode: 400 } });
    });
    await expect(readFingerprintKey(client, 'arn:fingerprints')).rejects.toMatchObject({
      code: 'setting-unusable',
      retry: 'later',
      message: 'secret arn:fingerprints cannot be used: InvalidRequestException',
    });
  });

  it('that is too short is named, and its text stays out of the message', async () => {
    const client = clientThat(() => ({ SecretString: '{"version":"1","key":"too short"}' }));
    const fault: unknown = await readFingerprintKey(client, 'arn:fingerprints').catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'setting-unusable' });
    expect(String(fault)).not.toContain('too short');
  });
});
