import * as z from 'zod';
import { KEY_ID } from '../../core/events/signatures.ts';
import { SecretFault } from './read-secret.ts';

/** HMAC-SHA-256 asks for a key of its digest's length (RFC 2104, section 3); more than its block adds nothing. */
const KEY_BYTES = { min: 32, max: 64 } as const;

const time = z.iso.datetime();
const entry = z.strictObject({
  source: z.string().min(1).max(256),
  /** Base64 (RFC 4648, section 4), with its padding. */
  key: z.base64().refine((text) => {
    const bytes = Buffer.from(text, 'base64');
    return bytes.length >= KEY_BYTES.min && bytes.length <= KEY_BYTES.max && bytes.toString('base64') === text;
  }),
  addedAt: time,
  notAfter: time.exactOptional(),
});
const secret = z.strictObject({ keys: z.record(z.string().regex(KEY_ID), entry) });

export type SigningKeyEntry = z.infer<typeof entry>;

/** The secret's text as data: every key of the stage by its id. */
export type SigningSecret = z.infer<typeof secret>;

/** Reads the secret's text. Throws an error that names the secret and the field, and never what the field holds. */
export function parseSigningSecret(text: string, secretArn: string): SigningSecret {
  const parsed = secret.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the text'));
  throw new SecretFault(
    secretArn,
    `it must be JSON as docs/signing.md shows, with keys of 32 to 64 bytes in base64; wrong: ${[...fields].slice(0, 5).join(', ')}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
