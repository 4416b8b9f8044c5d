import type { SigningKeys } from '../../core/events/signatures.ts';
import type { SigningKey } from '../../core/events/signing.ts';

/** Signing keys that are all known from the start, the oldest first. */
export function createMemorySigningKeys(keys: readonly SigningKey[] = []): SigningKeys {
  const ring = new Map(keys.map((key) => [key.id, key]));
  return { current: async () => ring, reread: async () => ring };
}
