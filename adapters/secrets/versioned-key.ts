import * as z from 'zod';
import { SecretFault } from './read-secret.ts';

export interface VersionedKey {
  readonly version: string;
  readonly key: string;
}

/**
 * Reads a key and its version from a secret's text. Throws an error that names the secret and never its content.
 *
 * @param versionSchema what a version may be: it is part of what the key makes.
 */
export function parseVersionedKey(text: string, secretArn: string, versionSchema = z.string().min(1)): VersionedKey {
  const parsed = z.object({ version: versionSchema, key: z.string().min(32) }).safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new SecretFault(secretArn, 'must be JSON with "version" and a "key" of at least 32 characters');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
