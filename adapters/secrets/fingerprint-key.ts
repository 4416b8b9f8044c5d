import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readSecretText } from './read-secret.ts';
import { parseVersionedKey, type VersionedKey } from './versioned-key.ts';

/** Reads the HMAC key of the fingerprints. Its errors name the secret, never its content. */
export async function readFingerprintKey(client: SecretsManagerClient, secretArn: string): Promise<VersionedKey> {
  return parseVersionedKey(await readSecretText(client, secretArn), secretArn);
}
