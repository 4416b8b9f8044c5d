import type { SigningKeyEntry, SigningSecret } from '../adapters/secrets/signing-secret.ts';
import type { Ms } from '../core/brands.ts';
import { DAY_MS, iso } from '../core/clock-units.ts';
import { UserError } from '../core/user-error.ts';

/** One to sign with, and one that takes its place. */
const KEYS_OF_SOURCE_MAX = 2;
/** A key that was retired so long ago has signed no record that can come again. */
const FORGOTTEN_AFTER_MS = 60 * DAY_MS;

export interface NewKey {
  readonly id: string;
  readonly source: string;
  /** Base64. */
  readonly key: string;
}

/** Returns the keys with one more. Keys that were retired long ago are dropped. */
export function withKey(secret: SigningSecret, { id, source, key }: NewKey, nowMs: Ms): SigningSecret {
  if (Object.hasOwn(secret.keys, id)) throw new UserError(`The key id ${id} is taken; name another one with --id`);
  const inUse = idsInUse(secret, source);
  if (inUse.length >= KEYS_OF_SOURCE_MAX) {
    throw new UserError(
      `${source} has ${inUse.length} keys in use (${inUse.join(', ')}); retire one first: onecharge keys retire`,
    );
  }
  const kept = Object.entries(secret.keys).filter(
    ([, { notAfter }]) => notAfter === undefined || Date.parse(notAfter) > nowMs - FORGOTTEN_AFTER_MS,
  );
  return { keys: { ...Object.fromEntries(kept), [id]: { source, key, addedAt: iso(nowMs) } } };
}

/** Returns the keys with one that authenticates no record from a time on. The last key of a source needs `isLast`. */
export function withRetired(
  secret: SigningSecret,
  { id, notAfterMs, isLast }: { readonly id: string; readonly notAfterMs: Ms; readonly isLast: boolean },
): SigningSecret {
  const entry = Object.hasOwn(secret.keys, id) ? secret.keys[id] : undefined;
  if (entry === undefined) throw new UserError(`There is no key ${id}; see: onecharge keys list`);
  const others = idsInUse(secret, entry.source).filter((other) => other !== id);
  if (others.length === 0 && !isLast) {
    throw new UserError(
      `${id} is the last key of ${entry.source}: without it each of its events is quarantined. Add the next key first, or retire it with --last`,
    );
  }
  // A key that was retired stays so: what came since must not count again.
  const endMs = Math.min(notAfterMs, entry.notAfter === undefined ? notAfterMs : Date.parse(entry.notAfter));
  return { keys: { ...secret.keys, [id]: { ...entry, notAfter: iso(endMs) } } };
}

/** Returns one line a key, without the key. */
export function describeKeys({ keys }: SigningSecret): string {
  const lines = Object.entries(keys)
    .sort(([, a], [, b]) => (a.source === b.source ? compare(a.addedAt, b.addedAt) : compare(a.source, b.source)))
    .map(([id, entry]) => `${entry.source}  ${id}  ${stateOf(entry)}`);
  return lines.length === 0 ? 'The stage has no signing keys.' : lines.join('\n');
}

function stateOf({ addedAt, notAfter }: SigningKeyEntry): string {
  return notAfter === undefined ? `in use since ${addedAt}` : `retired: signs nothing that arrives from ${notAfter} on`;
}

export function idsInUse({ keys }: SigningSecret, source: string): readonly string[] {
  return Object.entries(keys)
    .filter(([, entry]) => entry.source === source && entry.notAfter === undefined)
    .map(([id]) => id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
