import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import { readSecretText, SECRET_KEPT_MS, SecretFault } from './read-secret.ts';

/** Reads secrets by name or ARN. Its errors name the secret, never its content. */
export interface GatewaySecrets {
  readSecret(secretId: string): Promise<string>;
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
      const text = (await readSecretText(client, secretId)).trim();
      if (text === '') throw new SecretFault(secretId, 'empty');
      kept.set(secretId, { text, readMs: nowMs() });
      return text;
    },
  };
}
