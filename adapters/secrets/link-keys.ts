import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import type { LinkKeys } from '../../core/queries/payer-link.ts';
import { createLinkKey } from '../crypto/link-key.ts';
import { createKeptStages } from './kept-stages.ts';
import { SecretFault } from './read-secret.ts';
import { parseVersionedKey } from './versioned-key.ts';

/** A link carries its key's version. */
const versionSchema = z.string().regex(/^[\w-]{1,40}$/);

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
  const parse = (text: string) => createLinkKey(parseVersionedKey(text, secretArn, versionSchema));
  const stages = createKeptStages({ client, secretArn, nowMs, parse });
  return {
    async currentKey() {
      const key = await stages.valueAt('AWSCURRENT');
      if (key === undefined) throw new SecretFault(secretArn, 'has no value');
      return key;
    },
    linkKeyOf: (version) => stages.find((key) => key.version === version),
  };
}
