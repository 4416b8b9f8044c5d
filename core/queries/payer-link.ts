import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { jsonOf, versionedCodec } from '../versioned.ts';
import { named, time } from './view-schema.ts';

/**
 * Whose charges, and which of them: an order's, or those of the case that one charge belongs to. The source says whose
 * words payer, merchant and order are: in another namespace they may name others.
 */
export type PayerScope =
  | { readonly payer: string; readonly source: string; readonly merchant: string; readonly order: string }
  | { readonly payer: string; readonly source: string; readonly charge: string };

/** What is handed out: `GET /payer-links/{link}` opens it, without a token. */
export const payerLinkSchema = z
  .strictObject({ link: z.string(), expiresAt: time })
  .register(named, { id: 'PayerLink' });

/** One version of the signing key. It is in a closure: neither log nor error can show it. */
export interface LinkKey {
  readonly version: string;
  /** HMAC-SHA-256 of the text, base64url. */
  sign(text: string): string;
  /** Compares in a time that tells nothing of where two signatures differ. */
  agrees(text: string, signature: string): boolean;
}

/** The keys in use: the one that signs, and for a while the one before it. */
export interface LinkKeys {
  /** The key that signs new links. */
  currentKey(): Promise<LinkKey>;
  /** Undefined for a version that is no longer in use: its links are withdrawn. */
  linkKeyOf(version: string): Promise<LinkKey | undefined>;
}

export type LinkRead =
  | { readonly kind: 'scope'; readonly scope: PayerScope }
  /** Not a link, or not one of ours. */
  | { readonly kind: 'not-ours' }
  /** Of a key that is no longer in use: whoever withdrew it wanted this link to end. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'expired' };

/** A support desk hands a link out and its payer comes back to it; what lives longer is made anew. */
export const LINK_DAYS_MAX = 30;
/** Four tokens of 256 characters that JSON writes as six bytes each, in base64url; version, names and signature. */
const LENGTH_MAX = 8_500;

const token = z.string().min(1).max(256);
const until = z.int().positive();
export const payerLinkCodec = versionedCodec(
  'payer link',
  z.union([
    z.strictObject({ payer: token, source: token, merchant: token, order: token, until }),
    z.strictObject({ payer: token, source: token, charge: token, until }),
  ]),
);

/**
 * A link's text: `<key version>.<scope and expiry as base64url JSON>.<signature of both>`. It says whose charges it
 * opens to whoever holds it, so it names one payer, one order or charge, and ends.
 */
export function makePayerLink(scope: PayerScope, untilMs: Ms, key: LinkKey): string {
  const text = encoded(JSON.stringify(payerLinkCodec.encode({ ...scope, until: untilMs })));
  const signed = `${key.version}.${text}`;
  return `${signed}.${key.sign(signed)}`;
}

/**
 * What a link opens. Nothing in it is believed, not even its expiry, before its signature is found right.
 */
export async function readPayerLink(
  link: string,
  { keys, nowMs }: { readonly keys: Pick<LinkKeys, 'linkKeyOf'>; readonly nowMs: Ms },
): Promise<LinkRead> {
  const parts = link.length > LENGTH_MAX ? null : /^([\w-]{1,40})\.([\w-]+)\.([\w-]+)$/.exec(link);
  const [, version, text, signature] = parts ?? [];
  if (version === undefined || text === undefined || signature === undefined) return { kind: 'not-ours' };
  const key = await keys.linkKeyOf(version);
  if (key === undefined) return { kind: 'withdrawn' };
  if (!key.agrees(`${version}.${text}`, signature)) return { kind: 'not-ours' };
  const { until: untilMs, ...scope } = payerLinkCodec.decode(
    jsonOf(decoded(text), payerLinkCodec.what, `of key ${version}`),
    `of key ${version}`,
  );
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
