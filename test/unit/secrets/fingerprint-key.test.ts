import {
  type GetSecretValueCommandInput,
  InvalidRequestException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFingerprintKeys, readFingerprintKey } from '../../../adapters/secrets/fingerprint-key.ts';
import type { Digests } from '../../../core/detection/fingerprint.ts';
import { MINUTE, START_MS } from '../../fixtures/charges.ts';

function clientThat(answer: (stage: string) => { SecretString?: string }): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async (asked) => {
      const { VersionStage = '' } = asked.input as GetSecretValueCommandInput;
      return { output: { $metadata: {}, ...answer(VersionStage) }, response: {} };
    },
    { step: 'initialize' },
  );
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

describe('the keys of fingerprints in a rotation', () => {
  let nowMs: number;
  let reads: number;
  let values: Readonly<Record<string, string>>;
  let digests: () => Promise<Digests>;

  const secretOf = (version: string, key = `long enough to be a key, of version ${version}`) =>
    JSON.stringify({ version, key });
  const versions = async () => {
    const { keyVersion, others = [] } = await digests();
    return [keyVersion, ...others.map((other) => other.keyVersion)];
  };

  beforeEach(() => {
    nowMs = START_MS;
    reads = 0;
    values = { AWSCURRENT: secretOf('1') };
    const client = clientThat((stage) => {
      reads++;
      const SecretString = values[stage];
      if (SecretString === undefined) throw new ResourceNotFoundException({ message: 'none', $metadata: {} });
      return { SecretString };
    });
    digests = createFingerprintKeys({ client, secretArn: 'arn:fingerprints', nowMs: () => nowMs });
  });

  it('are the current one alone before any', async () => {
    expect(await versions()).toEqual(['1']);
  });

  it('are read anew after five minutes, and not before', async () => {
    await digests();
    const once = reads;
    nowMs += 5 * MINUTE - 1;
    await digests();
    expect(reads).toBe(once);
    values = { AWSCURRENT: secretOf('1'), AWSPENDING: secretOf('2') };
    nowMs += 1;
    expect(await versions()).toEqual(['1', '2']);
  });

  it('are the current one, the one before it and the announced one, each once', async () => {
    values = { AWSCURRENT: secretOf('2'), AWSPREVIOUS: secretOf('1'), AWSPENDING: secretOf('2') };
    expect(await versions()).toEqual(['2', '1']);
    values = { AWSCURRENT: secretOf('2'), AWSPREVIOUS: secretOf('1'), AWSPENDING: secretOf('3') };
    nowMs += 5 * MINUTE;
    expect(await versions()).toEqual(['2', '1', '3']);
  });

  it('are refused where two have the same version', async () => {
    values = { AWSCURRENT: secretOf('1'), AWSPENDING: secretOf('1', 'another key, which is also long enough') };
    const fault: unknown = await digests().catch((error: unknown) => error);
    expect(String(fault)).toContain('secret arn:fingerprints cannot be used: gives AWSPENDING another key');
    expect(String(fault)).not.toContain('long enough');
  });
});
