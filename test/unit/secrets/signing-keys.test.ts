import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSigningKeys } from '../../../adapters/secrets/signing-keys.ts';
import { signersIn } from '../../../core/events/sign-event.ts';
import type { SigningKeys } from '../../../core/events/signatures.ts';
import { MINUTE, SECOND, START_MS } from '../../fixtures/charges.ts';

const ADDED = '2024-11-01T00:00:00.000Z';
const KEY = Buffer.alloc(32, 1).toString('base64');

let nowMs: number;
let reads: number;
let text: string;
let refusal: Error | undefined;
let keys: SigningKeys;

beforeEach(() => {
  nowMs = START_MS;
  reads = 0;
  refusal = undefined;
  text = secretOf({ one: {} });
  keys = createSigningKeys({ client: secretsManager(), secretArn: 'arn:secret', stage: 'prod', nowMs: () => nowMs });
});

function secretOf(entries: Readonly<Record<string, object>>): string {
  const keyed = Object.entries(entries).map(([id, entry]) => [
    id,
    { source: '/s', key: KEY, addedAt: ADDED, ...entry },
  ]);
  return JSON.stringify({ keys: Object.fromEntries(keyed) });
}

/** Secrets Manager, as far as it is asked here. */
function secretsManager(): SecretsManagerClient {
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async () => {
      reads++;
      if (refusal !== undefined) throw refusal;
      return { output: { $metadata: {}, SecretString: text }, response: {} };
    },
    { step: 'initialize' },
  );
  return client;
}

const idsOf = async () => [...(await keys.current()).keys()];

describe('the signing keys of a stage', () => {
  it('are read again after five minutes', async () => {
    expect(await idsOf()).toEqual(['one']);
    text = secretOf({ one: {}, two: {} });
    nowMs += 5 * MINUTE - 1;
    expect(await idsOf()).toEqual(['one']);
    nowMs += 1;
    expect(await idsOf()).toEqual(['one', 'two']);
    expect(reads).toBe(2);
  });

  it('are read for an unknown id at most once a minute', async () => {
    await keys.current();
    text = secretOf({ two: {} });
    nowMs += MINUTE - SECOND;
    expect(await keys.reread()).toBeUndefined();
    nowMs += SECOND;
    expect([...((await keys.reread())?.keys() ?? [])]).toEqual(['two']);
    expect(await keys.reread()).toBeUndefined();
    expect([await idsOf(), reads]).toEqual([['two'], 2]);
  });

  it('are not known, rather than none, when they cannot be read', async () => {
    refusal = Object.assign(new Error('no grant'), { name: 'AccessDeniedException' });
    await expect(keys.current()).rejects.toThrow('secret arn:secret cannot be used: AccessDeniedException');
    refusal = undefined;
    await keys.current();
    refusal = new Error('throttled');
    nowMs += MINUTE;
    await expect(keys.reread()).rejects.toThrow();
    await expect(keys.reread()).rejects.toThrow();
  });

  it('sign with the oldest one that is in use', async () => {
    text = secretOf({
      young: { addedAt: '2024-11-03T00:00:00Z' },
      old: { addedAt: '2024-11-02T00:00:00Z' },
      retired: { notAfter: new Date(START_MS).toISOString() },
      other: { source: '/other' },
    });
    const signerOf = signersIn(await keys.current(), START_MS);
    expect([signerOf('/s')?.id, signerOf('/other')?.id, signerOf('/left')]).toEqual(['old', 'other', undefined]);
    expect(signersIn(await keys.current(), START_MS - 1)('/s')?.id).toBe('retired');
  });

  it.each([
    ['', 'the text'],
    ['no JSON', 'the text'],
    ['{}', 'keys'],
    [secretOf({ short: { key: Buffer.alloc(31).toString('base64') } }), 'keys.short.key'],
    [secretOf({ long: { key: Buffer.alloc(65).toString('base64') } }), 'keys.long.key'],
    [secretOf({ hex: { key: 'ff'.repeat(32).concat('!') } }), 'keys.hex.key'],
    [secretOf({ time: { addedAt: 'today' } }), 'keys.time.addedAt'],
    [secretOf({ more: { remark: 'x' } }), 'keys.more'],
  ])('are refused when the secret is %j: it names %s, and no key', async (wrong, field) => {
    text = wrong;
    const refused = await keys.current().catch((error: Error) => error.message);
    expect(refused).toBe(
      'secret arn:secret cannot be used: it must be JSON as docs/signing.md shows, with keys of 32 to 64 bytes in base64; ' +
        `wrong: ${field}`,
    );
  });
});
