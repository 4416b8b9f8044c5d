import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import type { LinkKey, LinkKeys } from '../../core/queries/payer-link.ts';
import { createLinkKey } from '../crypto/link-key.ts';
import { readSecretTextAt, SECRET_KEPT_MS, SecretFault, type SecretStage } from './read-secret.ts';
import { parseVersionedKey } from './versioned-key.ts';

/** A link carries its key's version. */
const versionSchema = z.string().regex(/^[\w-]{1,40}$/);

/** A version that is not known may be newer than what was read; whoever makes versions up does not read more often. */
const UNKNOWN_KEPT_MS = 5_000;

/**
 * The keys of payer links, from one secret of their own. To rotate, put a new value with another `version`: links of the
 * version before it go on until the next rotation. Errors name the secret, never what is in it.
 */
export function createLinkKeys({
  client,
  secretArn,
  nowMs,
}: {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
  readonly nowMs: () => Ms;
}): LinkKeys {
  const kept = new Map<SecretStage, { readonly key: LinkKey | undefined; readonly readMs: Ms }>();

  async function keyAt(stage: SecretStage, keptMs: Ms): Promise<LinkKey | undefined> {
    const known = kept.get(stage);
    if (known !== undefined && nowMs() - known.readMs < keptMs) return known.key;
    const text = await readSecretTextAt(client, secretArn, stage);
    const key = text === undefined ? undefined : createLinkKey(parseVersionedKey(text, secretArn, versionSchema));
    kept.set(stage, { key, readMs: nowMs() });
    return key;
  }

  return {
    async currentKey() {
      const key = await keyAt('AWSCURRENT', SECRET_KEPT_MS);
      if (key === undefined) throw new SecretFault(secretArn, 'has no value');
      return key;
    },
    async linkKeyOf(version) {
      for (const keptMs of [SECRET_KEPT_MS, UNKNOWN_KEPT_MS]) {
        for (const stage of ['AWSCURRENT', 'AWSPREVIOUS'] as const) {
          const key = await keyAt(stage, keptMs);
          if (key?.version === version) return key;
        }
      }
      return undefined;
    },
  };
}
