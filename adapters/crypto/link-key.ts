import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LinkKey } from '../../core/queries/payer-link.ts';

/** The core's link key on Node's OpenSSL. */
export function createLinkKey({ version, key }: { readonly version: string; readonly key: string }): LinkKey {
  const macOf = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    version,
    sign: (text) => macOf(text).toString('base64url'),
    agrees: (text, signature) => {
      const [own, given] = [macOf(text), Buffer.from(signature, 'base64url')];
      // Lengths are no secret. Of two texts for the same bytes only the one that we write is taken.
      return own.length === given.length && timingSafeEqual(own, given) && given.toString('base64url') === signature;
    },
  };
}
