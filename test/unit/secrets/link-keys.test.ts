import {
  type GetSecretValueCommandInput,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLinkKeys } from '../../../adapters/secrets/link-keys.ts';
import type { LinkKeys } from '../../../core/queries/payer-link.ts';
import { MINUTE, SECOND, START_MS } from '../../fixtures/charges.ts';

const KEY = 'long enough to be the key of a version';

let nowMs: number;
let reads: number;
let values: Readonly<Record<string, string>>;
let refusal: Error | undefined;
let keys: LinkKeys;

beforeEach(() => {
  nowMs = START_MS;
  reads = 0;
  refusal = undefined;
  values = { AWSCURRENT: secretOf('1') };
  keys = createLinkKeys({ client: secretsManager(), secretArn: 'arn:secret', nowMs: () => nowMs });
});

function secretOf(version: string): string {
  return JSON.stringify({ version, key: `${KEY} ${version}` });
}

function rotate(version: string): void {
  const { AWSCURRENT = '' } = values;
  values = { AWSCURRENT: secretOf(version), AWSPREVIOUS: AWSCURRENT };
}

/** Secrets Manager, as far as it is asked here. */
function secretsManager(): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async (asked) => {
      reads++;
      if (refusal !== undefined) throw refusal;
      const { VersionStage = '' } = asked.input as GetSecretValueCommandInput;
      const SecretString = values[VersionStage];
      if (SecretString === undefined) throw new ResourceNotFoundException({ message: 'none', $metadata: {} });
      return { output: { $metadata: {}, SecretString }, response: {} };
    },
    { step: 'initialize' },
  );
  return client;
}

describe('the keys of links', () => {
  it('are the current one and the one before it', async () => {
    rotate('2');
    expect((await keys.currentKey()).version).toBe('2');
    expect((await keys.linkKeyOf('1'))?.version).toBe('1');
    rotate('3');
    nowMs += 5 * MINUTE;
    expect(await keys.linkKeyOf('1')).toBeUndefined();
    expect((await keys.linkKeyOf('2'))?.version).toBe('2');
  });

  it('are known at once after a rotation, though they are kept for minutes', async () => {
    expect((await keys.linkKeyOf('1'))?.version).toBe('1');
    rotate('2');
    nowMs += 5 * SECOND;
    expect((await keys.linkKeyOf('2'))?.version).toBe('2');
    expect((await keys.linkKeyOf('1'))?.version).toBe('1');
  });

  it('are not read for each version that somebody makes up', async () => {
    for (let n = 0; n < 100; n++) expect(await keys.linkKeyOf(`made-up-${n}`)).toBeUndefined();
    expect(reads).toBe(2);
  });

  it('reports a refused read as a fault, not as a missing key', async () => {
    refusal = Object.assign(new Error('no grant'), { name: 'AccessDeniedException' });
    await expect(keys.linkKeyOf('1')).rejects.toThrow('secret arn:secret cannot be used: AccessDeniedException');
  });

  it.each(['', '{}', 'no JSON', '{"version":"1","key":"short"}', `{"version":"a.b","key":"${KEY}"}`])(
    'are refused when they are %j, without a word of what is in them',
    async (text) => {
      values = { AWSCURRENT: text };
      const refused = await keys.currentKey().catch((error: Error) => error.message);
      expect(refused).toBe(
        'secret arn:secret cannot be used: must be JSON with "version" and a "key" of at least 32 characters',
      );
    },
  );
});
