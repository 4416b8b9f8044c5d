import type { Ms } from '../brands.ts';
import { MINUTE_MS } from '../clock-units.ts';
import { type JsonObject, type SigningKey, signedBytes } from './signing.ts';

/** The keys of a stage, by their ids. */
export type KeyRing = ReadonlyMap<string, SigningKey>;

/** Reads the keys of the stage. All operations may be repeated. They throw when the keys cannot be read. */
export interface SigningKeys {
  /** Returns the keys as they were at most a few minutes ago. */
  current(): Promise<KeyRing>;
  /** Returns the keys read anew; undefined when they were read less than `REREAD_AFTER_MS` ago. */
  reread(): Promise<KeyRing | undefined>;
}

/** A new key works after this time at the latest. Invented key ids cause one read in this time at most. */
export const REREAD_AFTER_MS = MINUTE_MS;

/** What a look at an event's signature finds. */
export type Authenticity =
  | { readonly kind: 'authentic' }
  /** Its source need not sign: nothing was checked. */
  | { readonly kind: 'unsigned' }
  /** A field has a value that no signature covers. The schema refuses it and names it. */
  | { readonly kind: 'unsignable' }
  | { readonly kind: 'unauthentic'; readonly detail: string; readonly isKeyUnknown?: true };

/** Decides whether an event is what its source has signed. */
export interface Signatures {
  /** @param arrivedMs when the record reached the stream: the answer is the same at each redelivery. */
  authenticityOf(event: JsonObject, source: string, arrivedMs: Ms): Authenticity;
}

/** 32 bytes in base64url. Of the texts for the same bytes a key takes one alone. */
const SIGNATURE = /^[\w-]{43}$/;
export const KEY_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

const AUTHENTIC: Authenticity = { kind: 'authentic' };

/** For events that are read before they are signed: the lines of a file. Never for records of a stream. */
export const NOT_YET_SIGNED: Signatures = { authenticityOf: () => ({ kind: 'unsigned' }) };

/** Returns what checks signatures by these keys. No detail repeats a value of the event. */
export function createSignatures(keys: KeyRing): Signatures {
  return {
    authenticityOf(event, source, arrivedMs) {
      const { sigkid, sig } = event;
      if (sigkid == null) return unauthentic('sigkid is missing; each event of this source must be signed');
      if (sig == null) return unauthentic('sig is missing; each event of this source must be signed');
      if (typeof sigkid !== 'string' || !KEY_ID.test(sigkid)) return unauthentic('sigkid is no id of a key');
      if (typeof sig !== 'string' || !SIGNATURE.test(sig)) {
        return unauthentic('sig must be 32 bytes in base64url without padding');
      }
      const key = keys.get(sigkid);
      if (key === undefined) {
        return { ...unauthentic('sigkid names a key that this stage does not have'), isKeyUnknown: true };
      }
      if (key.source !== source) return unauthentic("sigkid names another source's key");
      if (isRetired(key, arrivedMs)) return unauthentic('sigkid names a key that was retired before the record came');
      const bytes = signedBytes(event, key);
      if (bytes === undefined) return { kind: 'unsignable' };
      return key.agrees(bytes, sig) ? AUTHENTIC : unauthentic('sig is not of this event and this stage');
    },
  };
}

/** Returns true for a key by which a record of this arrival is no longer authentic. */
export function isRetired({ notAfterMs }: Pick<SigningKey, 'notAfterMs'>, arrivedMs: Ms): boolean {
  return notAfterMs !== undefined && arrivedMs >= notAfterMs;
}

function unauthentic(detail: string): Extract<Authenticity, { kind: 'unauthentic' }> {
  return { kind: 'unauthentic', detail };
}
