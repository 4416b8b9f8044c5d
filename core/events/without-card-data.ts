import { AMOUNTS } from './card-data.ts';
import { isCardNumeral, maskCardNumbers } from './find-card-numbers.ts';
import { isRepeatedOrTooDeep } from './json-members.ts';

/**
 * Names of members that hold what may not be kept once a payment is authorised (PCI DSS, requirement 3.3): security codes,
 * PINs and the tracks of a magnetic stripe. Compared in lower case, without separators.
 */
const SECRETS: ReadonlySet<string> = new Set([
  ...['cvv', 'cvv2', 'cvc', 'cvc2', 'cid', 'csc', 'cav2', 'cvn', 'cvn2'],
  ...['securitycode', 'cardsecuritycode', 'cardcode', 'verificationvalue', 'cardverificationvalue'],
  ...['track', 'track1', 'track2', 'track3', 'trackdata', 'track1data', 'track2data', 'magstripe', 'magneticstripe'],
  ...['pin', 'pinblock', 'pindata', 'encryptedpin'],
]);
const SEPARATORS = /[^\p{L}\p{N}]/gu;

/** What stands for a dropped secret in a text that has no members to drop. */
const DROPPED = '***';
/** Names and values in half a JSON text, a form, a log line; and in XML. Each part is bounded or runs to a delimiter. */
const NAMED =
  /(["']?)(?<![\w .-])([\w .-]{3,60})\1(\s{0,8}[:=]\s{0,8})("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&{}[\]()<>"']+)/g;
const ELEMENT = /(<(?:\w{1,40}:)?([\w.-]{3,40})(?:\s[^<>]*)?>)[^<]*/g;
const ESCAPE = /\\u([0-9a-f]{4})/gi;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** One character a byte. */
const BYTEWISE = new TextDecoder('latin1');
const ENCODER = new TextEncoder();

/**
 * Returns the bytes of a record as they may be stored: card numbers masked to their last four digits, security codes, PINs
 * and track data dropped. A record without any comes back as the same object. JSON is looked through as a tree; what is
 * no JSON, or could be read in two ways, as text.
 */
export function withoutCardData(bytes: Uint8Array): Uint8Array {
  const text = decoded(bytes);
  if (text === undefined) return textWithout(BYTEWISE.decode(bytes), bytes, bytewise);
  const json = treeOf(text, bytes);
  if (json === undefined) return textWithout(text, bytes, (kept) => ENCODER.encode(kept));
  const kept = JSON.stringify(withoutSecrets(json, ''));
  return kept === JSON.stringify(json) ? bytes : ENCODER.encode(kept);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for a text that is no JSON, or whose tree lacks what it wrote, or is too deep to be walked. */
function treeOf(text: string, bytes: Uint8Array): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return isRepeatedOrTooDeep(text, json, bytes) ? undefined : json;
  } catch {
    return undefined;
  }
}

function withoutSecrets(value: unknown, path: string): unknown {
  if (typeof value === 'string') return maskCardNumbers(value);
  if (typeof value === 'number') return isCardNumeral(value) && !AMOUNTS.has(path) ? maskedNumeral(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, `${path}[]`));
  const members = Object.entries(value)
    .filter(([name]) => !isSecret(name))
    .map(([name, member]) => [maskCardNumbers(name), withoutSecrets(member, path === '' ? name : `${path}.${name}`)]);
  return Object.fromEntries(members);
}

function maskedNumeral(value: number): string {
  return Number.isSafeInteger(value) ? maskCardNumbers(String(value)) : DROPPED;
}

function isSecret(name: string): boolean {
  return SECRETS.has(name.normalize('NFKC').replace(SEPARATORS, '').toLowerCase());
}

/** Of the words before a value the last ones are its name. */
function endsAsSecret(words: string): boolean {
  const parts = words.split(' ');
  return parts.some((_, at) => isSecret(parts.slice(at).join(' ')));
}

function textWithout(text: string, bytes: Uint8Array, encode: (text: string) => Uint8Array): Uint8Array {
  const unescaped = text.replace(ESCAPE, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  // What is written by escapes is masked where it is read.
  const readable = maskCardNumbers(unescaped) === unescaped ? text : unescaped;
  const masked = maskCardNumbers(readable)
    .replace(NAMED, (all, quote, name, between) =>
      endsAsSecret(name) ? `${quote}${name}${quote}${between}${DROPPED}` : all,
    )
    .replace(ELEMENT, (all, tag, name) => (isSecret(name) ? `${tag}${DROPPED}` : all));
  return masked === text ? bytes : encode(masked);
}

function bytewise(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
