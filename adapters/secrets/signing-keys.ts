import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import { type KeyRing, REREAD_AFTER_MS, type SigningKeys } from '../../core/events/signatures.ts';
import { createSigningKey } from '../crypto/signing-key.ts';
import { readSecretText, SECRET_KEPT_MS } from './read-secret.ts';
import { parseSigningSecret, type SigningSecret } from './signing-secret.ts';

interface SigningKeysProps {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
  readonly stage: string;
  readonly nowMs: () => Ms;
}

/**
 * The signing keys of a stage, from one secret that is read every five minutes, and for a key that is not known at most
 * once a minute. Errors name the secret, never what is in it.
 */
export function createSigningKeys({ client, secretArn, stage, nowMs }: SigningKeysProps): SigningKeys {
  let kept: { readonly keys: KeyRing; readonly readMs: Ms } | undefined;

  const keptFor = (ageMs: Ms) => (kept !== undefined && nowMs() - kept.readMs < ageMs ? kept.keys : undefined);
  const read = async () => {
    const keys = keyRing(parseSigningSecret(await readSecretText(client, secretArn), secretArn), stage);
    kept = { keys, readMs: nowMs() };
    return keys;
  };

  return {
    current: async () => keptFor(SECRET_KEPT_MS) ?? read(),
    reread: async () => (keptFor(REREAD_AFTER_MS) === undefined ? read() : undefined),
  };
}

/** Returns the keys of a secret, the oldest first. */
export function keyRing({ keys }: SigningSecret, stage: string): KeyRing {
  const byAge = Object.entries(keys).sort(([, a], [, b]) => Date.parse(a.addedAt) - Date.parse(b.addedAt));
  return new Map(
    byAge.map(([id, { source, key, notAfter }]) => {
      const notAfterMs = notAfter === undefined ? undefined : Date.parse(notAfter);
      return [id, createSigningKey({ id, stage, source, notAfterMs, key: Buffer.from(key, 'base64') })];
    }),
  );
}
