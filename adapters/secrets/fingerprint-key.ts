import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseVersionedKey, type VersionedKey } from './versioned-key.ts';

/** The HMAC key of the fingerprints. Its errors name the secret, never what is in it. */
export async function readFingerprintKey(client: SecretsManagerClient, secretArn: string): Promise<VersionedKey> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  return parseVersionedKey(SecretString, secretArn);
}
