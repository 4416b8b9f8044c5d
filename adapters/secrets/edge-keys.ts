import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import type { EdgeKeys } from '../../core/edge-keys.ts';
import { createKeptStages } from './kept-stages.ts';
import { SecretFault } from './read-secret.ts';
import { parseVersionedKey } from './versioned-key.ts';

interface EdgeKeyProps {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
  readonly nowMs: () => Ms;
}

/** What CloudFront sends, from one secret of its own: docs/hardening.md has the rotation. Errors name the secret, never a value. */
export function createEdgeKeys({ client, secretArn, nowMs }: EdgeKeyProps): EdgeKeys {
  const parse = (text: string) => digestOf(parseVersionedKey(text, secretArn).key);
  const stages = createKeptStages({ client, secretArn, nowMs, parse });
  return {
    async isEdgeKey(value) {
      if ((await stages.valueAt('AWSCURRENT')) === undefined) throw new SecretFault(secretArn, 'has no value');
      const given = digestOf(value);
      return (await stages.find((known) => timingSafeEqual(known, given))) !== undefined;
    },
  };
}

/** Digests have one length, so that the comparison shows nothing of the value's. */
function digestOf(value: string): Uint8Array {
  return createHash('sha256').update(value).digest();
}
