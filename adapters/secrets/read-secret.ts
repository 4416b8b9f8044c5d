import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { MINUTE_MS } from '../../core/clock-units.ts';
import { Fault } from '../../core/fault.ts';
import { faultOf } from '../fault-of.ts';

/** How long a process uses a secret before it reads it again: the delay of a rotation, at most. */
export const SECRET_KEPT_MS = 5 * MINUTE_MS;

/** Where Secrets Manager keeps the value, the one before its last change, and one that is announced. */
export type SecretStage = 'AWSCURRENT' | 'AWSPREVIOUS' | 'AWSPENDING';

/** A secret that cannot be used. All work meets it alike: it waits until an operator repairs it. `reason` is safe to log. */
export class SecretFault extends Fault {
  readonly reason: string;

  constructor(secretId: string, reason: string, cause?: unknown) {
    super('setting-unusable', `secret ${secretId} cannot be used: ${reason}`, cause);
    this.reason = reason;
  }
}

/**
 * Reads the text of a secret by its name or ARN; '' where it has none. Errors name the secret, never its content.
 *
 * @throws {SecretFault} when the secret or its value does not exist, is scheduled for deletion, or we lack the grant
 * @throws {Fault} a transient fault, such as throttling
 */
export async function readSecretText(
  client: SecretsManagerClient,
  secretId: string,
  stage: SecretStage = 'AWSCURRENT',
): Promise<string> {
  try {
    const read = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
    return (await client.send(read)).SecretString ?? '';
  } catch (error) {
    const fault = faultOf(error);
    if (fault.code !== 'request-refused' && fault.code !== 'access-refused') throw fault;
    throw new SecretFault(secretId, error instanceof Error ? error.name : 'unreadable', error);
  }
}

/** Reads the text at a stage as above; undefined where there is no such secret, or it has no value there. */
export async function readSecretTextAt(
  client: SecretsManagerClient,
  secretId: string,
  stage: SecretStage,
): Promise<string | undefined> {
  try {
    return await readSecretText(client, secretId, stage);
  } catch (error) {
    if (error instanceof SecretFault && error.cause instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
