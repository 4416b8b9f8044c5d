import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { Fault } from '../../core/fault.ts';

const secretSchema = z.object({ version: z.string().min(1), key: z.string().min(32) });

/** The HMAC key of the fingerprints. Its errors name the secret, never what is in it. */
export async function readFingerprintKey(
  client: SecretsManagerClient,
  secretArn: string,
): Promise<{ readonly version: string; readonly key: string }> {
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const parsed = secretSchema.safeParse(jsonOf(SecretString));
  if (!parsed.success) {
    throw new Fault(
      'setting-unusable',
      `secret ${secretArn} must be JSON with "version" and a "key" of at least 32 characters`,
    );
  }
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
