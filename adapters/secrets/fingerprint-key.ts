import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Fault } from '../../core/fault.ts';
import { faultOf } from '../fault-of.ts';
import { parseVersionedKey, type VersionedKey } from './versioned-key.ts';

/**
 * The HMAC key of the fingerprints. Its errors name the secret, never what is in it. A secret that is refused (it is
 * scheduled for deletion, say) meets every record alike: an operator repairs it while the work waits.
 */
export async function readFingerprintKey(client: SecretsManagerClient, secretArn: string): Promise<VersionedKey> {
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return parseVersionedKey(SecretString, secretArn);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.code !== 'request-refused') throw fault;
    throw new Fault('setting-unusable', `secret ${secretArn} cannot be read: ${fault.message}`, error);
  }
}
