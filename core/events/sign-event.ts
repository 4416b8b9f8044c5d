import { isRetired, type KeyRing } from './signatures.ts';
import { type JsonObject, type SigningKey, signedBytes } from './signing.ts';

/** Returns the key by which a source's events are signed now; undefined for none. */
export type SignerOf = (source: string) => SigningKey | undefined;

/** Returns the oldest key of each source that is in use, for every worker knows it. A ring lists its keys by their age. */
export function signersIn(keys: KeyRing, nowMs: number): SignerOf {
  const signers = new Map<string, SigningKey>();
  for (const key of keys.values()) {
    if (!isRetired(key, nowMs) && !signers.has(key.source)) signers.set(key.source, key);
  }
  return (source) => signers.get(source);
}

/**
 * Returns the event with its signature, and all its other bytes as they are. What cannot be signed stays as it is: a
 * record that is no JSON object, that has no source with a key, that has a signature, or a field that none covers.
 */
export function signEvent(bytes: Uint8Array, signerOf: SignerOf): Uint8Array {
  const text = new TextDecoder().decode(bytes).trimEnd();
  const event = objectOf(text);
  if (event === undefined || typeof event.source !== 'string' || 'sig' in event || 'sigkid' in event) return bytes;
  const key = signerOf(event.source);
  const signed = key && signedBytes(event, key);
  if (key === undefined || signed === undefined) return bytes;
  const signature = JSON.stringify({ sigkid: key.id, sig: key.sign(signed) });
  return new TextEncoder().encode(`${text.slice(0, -1)},${signature.slice(1)}`);
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
