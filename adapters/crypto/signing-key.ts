import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Ms } from '../../core/brands.ts';
import type { SigningKey } from '../../core/events/signing.ts';

interface SigningKeyProps {
  readonly id: string;
  readonly stage: string;
  readonly source: string;
  readonly notAfterMs?: Ms | undefined;
  readonly key: Uint8Array;
}

/** The core's signing key on Node's OpenSSL. The key stays in this closure: it is in no log and no error. */
export function createSigningKey({ key, notAfterMs, ...names }: SigningKeyProps): SigningKey {
  const secret = createSecretKey(key);
  const macOf = (bytes: Uint8Array) => createHmac('sha256', secret).update(bytes).digest();
  return {
    ...names,
    notAfterMs,
    sign: (bytes) => macOf(bytes).toString('base64url'),
    agrees: (bytes, signature) => {
      const [own, given] = [macOf(bytes), Buffer.from(signature, 'base64url')];
      // Lengths are no secret. Of two texts for the same bytes only the one that we write is taken.
      return own.length === given.length && timingSafeEqual(own, given) && given.toString('base64url') === signature;
    },
  };
}
