import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import type { Digests } from '../../core/detection/fingerprint.ts';
import { createDigests } from '../crypto/digests.ts';
import { readSecretText, readSecretTextAt, SECRET_KEPT_MS, SecretFault } from './read-secret.ts';
import { parseVersionedKey, type VersionedKey } from './versioned-key.ts';

/** Reads the HMAC key of the fingerprints. Its errors name the secret, never its content. */
export async function readFingerprintKey(client: SecretsManagerClient, secretArn: string): Promise<VersionedKey> {
  return parseVersionedKey(await readSecretText(client, secretArn), secretArn);
}

/**
 * Returns a function that gives the digests by the current key, beside those by the key before it and by one that is
 * announced (`AWSPENDING`). It reads the secret every five minutes: a key that was announced for longer is known to every
 * worker when it becomes the current one. Errors name the secret, never its content.
 *
 * @throws {SecretFault} when a value cannot be used, or another key has the same version
 */
export function createFingerprintKeys({
  client,
  secretArn,
  nowMs,
}: {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
  readonly nowMs: () => Ms;
}): () => Promise<Digests> {
  let kept: { readonly digests: Digests; readonly readMs: Ms } | undefined;

  const otherAt = async (stage: 'AWSPENDING' | 'AWSPREVIOUS', current: VersionedKey) => {
    const text = await readSecretTextAt(client, secretArn, stage);
    const other = text === undefined ? current : parseVersionedKey(text, secretArn);
    if (other.version !== current.version) return [createDigests(other)];
    // Two keys of one version could not tell their windows apart.
    if (other.key !== current.key) throw new SecretFault(secretArn, `gives ${stage} another key of the same "version"`);
    return [];
  };

  return async () => {
    if (kept !== undefined && nowMs() - kept.readMs < SECRET_KEPT_MS) return kept.digests;
    const current = await readFingerprintKey(client, secretArn);
    const others = [...(await otherAt('AWSPREVIOUS', current)), ...(await otherAt('AWSPENDING', current))];
    kept = { digests: { ...createDigests(current), others }, readMs: nowMs() };
    return kept.digests;
  };
}
