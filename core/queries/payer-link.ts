import * as z from 'zod';

/**
 * Whose charges, and which of them: an order's, or those of the case that one charge belongs to. The source says whose
 * words payer, merchant and order are: in another namespace they may name others.
 */
export type PayerScope =
  | { readonly payer: string; readonly source: string; readonly merchant: string; readonly order: string }
  | { readonly payer: string; readonly source: string; readonly charge: string };

/** One version of the signing key. It is in a closure: neither log nor error can show it. */
export interface LinkKey {
  readonly version: string;
  /** HMAC-SHA-256 of the text, base64url. */
  sign(text: string): string;
  /** Compares in a time that tells nothing of where two signatures differ. */
  agrees(text: string, signature: string): boolean;
}

export type LinkRead =
  | { readonly kind: 'scope'; readonly scope: PayerScope }
  /** Not a link, or not one of ours. */
  | { readonly kind: 'not-ours' }
  /** Of a key that is no longer in use: whoever withdrew it wanted this link to end. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'expired' };

/** Four tokens of 256 characters, in base64url, and the signature. */
const LENGTH_MAX = 4_096;

const token = z.string().min(1).max(256);
const until = z.int().positive();
const content = z.union([
  z.strictObject({ payer: token, source: token, merchant: token, order: token, until }),
  z.strictObject({ payer: token, source: token, charge: token, until }),
]);

/**
 * A link's text: `<key version>.<scope and expiry as base64url JSON>.<signature of both>`. It says whose charges it
 * opens to whoever holds it, so it names one payer, one order or charge, and ends.
 */
export function makePayerLink(scope: PayerScope, untilMs: number, key: LinkKey): string {
  const text = encoded(JSON.stringify({ ...scope, until: untilMs }));
  const signed = `${key.version}.${text}`;
  return `${signed}.${key.sign(signed)}`;
}

/**
 * What a link opens. Nothing in it is believed, not even its expiry, before its signature is found right.
 *
 * @param keyOf gives the key of a version while it is in use.
 */
export async function readPayerLink(
  link: string,
  { keyOf, nowMs }: { readonly keyOf: (version: string) => Promise<LinkKey | undefined>; readonly nowMs: number },
): Promise<LinkRead> {
  const parts = link.length > LENGTH_MAX ? null : /^([\w-]{1,40})\.([\w-]+)\.([\w-]+)$/.exec(link);
  const [, version, text, signature] = parts ?? [];
  if (version === undefined || text === undefined || signature === undefined) return { kind: 'not-ours' };
  const key = await keyOf(version);
  if (key === undefined) return { kind: 'withdrawn' };
  if (!key.agrees(`${version}.${text}`, signature)) return { kind: 'not-ours' };
  const { until: untilMs, ...scope } = content.parse(JSON.parse(decoded(text)));
  return untilMs <= nowMs ? { kind: 'expired' } : { kind: 'scope', scope };
}

/** Base64url (RFC 4648, section 5) of the text's UTF-8. */
function encoded(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decoded(text: string): string {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
