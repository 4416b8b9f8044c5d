import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import { Fault } from '../../core/fault.ts';
import { SECRET_KEPT_MS } from './versioned-key.ts';

/** Reads secrets by name or ARN; throws an error that names the secret and the cause, never what is in it. */
export interface GatewaySecrets {
  readSecret(secretId: string): Promise<string>;
}

/** A secret that cannot be used, and why. `reason` is safe to log. */
export class SecretFault extends Fault {
  readonly reason: string;

  constructor(secretId: string, reason: string) {
    super('setting-unusable', `secret ${secretId}: ${reason}`);
    this.reason = reason;
  }
}

/** Secrets from Secrets Manager, kept for a few minutes so that a burst of refunds does not read each time. */
export function createGatewaySecrets({
  client,
  nowMs,
}: {
  readonly client: SecretsManagerClient;
  readonly nowMs: () => Ms;
}): GatewaySecrets {
  const kept = new Map<string, { readonly text: string; readonly readMs: Ms }>();
  return {
    async readSecret(secretId) {
      const known = kept.get(secretId);
      if (known !== undefined && nowMs() - known.readMs < SECRET_KEPT_MS) return known.text;
      const text = (await fetchSecret(client, secretId)).trim();
      if (text === '') throw new SecretFault(secretId, 'empty');
      kept.set(secretId, { text, readMs: nowMs() });
      return text;
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString ?? '';
  } catch (error) {
    throw new SecretFault(secretId, error instanceof Error ? error.name : 'unreadable');
  }
}
