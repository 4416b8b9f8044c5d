import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { LinkKey } from '../core/queries/payer-link.ts';
import { createLinkKey } from './crypto/link-key.ts';

const secretSchema = z.object({ version: z.string().regex(/^[\w-]{1,40}$/), key: z.string().min(32) });

/** A rotated secret is in use this much later at the latest. */
const KEPT_MS = 5 * 60_000;
const CURRENT = 'AWSCURRENT';
/** Where Secrets Manager keeps the value before the last change. */
const PREVIOUS = 'AWSPREVIOUS';

export interface LinkKeys {
  /** The key that signs new links. */
  currentKey(): Promise<LinkKey>;
  /** The current key or the one before it, by version; undefined for any other: its links are withdrawn. */
  linkKeyOf(version: string): Promise<LinkKey | undefined>;
}

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
  readonly nowMs: () => number;
}): LinkKeys {
  const kept = new Map<string, { readonly key: LinkKey | undefined; readonly readMs: number }>();

  async function keyAt(stage: string): Promise<LinkKey | undefined> {
    const known = kept.get(stage);
    if (known !== undefined && nowMs() - known.readMs < KEPT_MS) return known.key;
    const text = await secretAt(client, secretArn, stage);
    const key = text === undefined ? undefined : linkKeyIn(text, secretArn);
    kept.set(stage, { key, readMs: nowMs() });
    return key;
  }

  async function currentKey(): Promise<LinkKey> {
    const key = await keyAt(CURRENT);
    if (key === undefined) throw new Error(`secret ${secretArn} has no value`);
    return key;
  }

  return {
    currentKey,
    async linkKeyOf(version) {
      const current = await currentKey();
      if (current.version === version) return current;
      const previous = await keyAt(PREVIOUS);
      return previous?.version === version ? previous : undefined;
    },
  };
}

/** Undefined where the secret was never changed: then there is nothing before its value. */
async function secretAt(client: SecretsManagerClient, SecretId: string, stage: string): Promise<string | undefined> {
  try {
    const read = new GetSecretValueCommand({ SecretId, VersionStage: stage });
    return (await client.send(read)).SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function linkKeyIn(text: string, secretArn: string): LinkKey {
  const parsed = secretSchema.safeParse(jsonOf(text));
  if (parsed.success) return createLinkKey(parsed.data);
  throw new Error(`secret ${secretArn} must be JSON with "version" and a "key" of at least 32 characters`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
