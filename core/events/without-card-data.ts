import { isAmount, tokenAt } from './card-data.ts';
import { DROPPED, isSecretName, withoutSecretsIn } from './card-secrets.ts';
import { hasCardNumber, isCardNumeral, maskCardNumbers } from './find-card-numbers.ts';
import { isRepeatedOrTooDeep } from './json-members.ts';
import type { Source } from './source.ts';
import { isSplitCardNumber } from './split-card-number.ts';

type TokenFormats = Source['tokenFormats'];

/** A record as it may be stored. */
export interface Storable {
  /** The same object as the record's where nothing had to be masked or dropped. */
  readonly bytes: Uint8Array;
  readonly isMasked: boolean;
  /** False for what is no JSON or could be read in two ways: it was looked through as text, which may miss what a tree shows. */
  readonly isTree: boolean;
}

const ESCAPE = /\\u([0-9a-f]{4})/gi;
const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** What is no UTF-8 becomes U+FFFD. */
const LENIENT = new TextDecoder();
/** One character a byte. */
const BYTEWISE = new TextDecoder('latin1');
const ENCODER = new TextEncoder();

/**
 * Returns the bytes of a record as they may be stored: card numbers masked to their last four digits, security codes, PINs
 * and track data dropped. JSON is looked through as a tree; what is no JSON, or could be read in two ways, as text.
 *
 * @param formats of the source's tokens, which look like card numbers and are not.
 */
export function withoutCardData(bytes: Uint8Array, formats: TokenFormats = {}): Storable {
  const text = decoded(bytes);
  const json = text === undefined ? undefined : treeOf(text, bytes);
  if (json !== undefined) {
    const kept = JSON.stringify(withoutSecrets(json, [], formats));
    return storable(kept === JSON.stringify(json) ? bytes : ENCODER.encode(kept), bytes, true);
  }
  return storable(text === undefined ? notText(bytes) : utf8(bytes, text), bytes, false);
}

/** Returns true where card data are left in a record: what was to be masked was missed. */
export function hasCardData(
  { bytes, isTree }: Pick<Storable, 'bytes' | 'isTree'>,
  formats: TokenFormats = {},
): boolean {
  if (!isTree) {
    const text = decoded(bytes);
    const texts = text === undefined ? [LENIENT.decode(bytes), BYTEWISE.decode(bytes)] : [text];
    return texts.some((each) => hasCardNumber(readable(each)));
  }
  return isLeftIn(JSON.parse(UTF8.decode(bytes)), [], formats);
}

function storable(kept: Uint8Array, bytes: Uint8Array, isTree: boolean): Storable {
  return { bytes: kept, isMasked: kept !== bytes, isTree };
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

function withoutSecrets(value: unknown, names: readonly string[], formats: TokenFormats): unknown {
  if (typeof value === 'string') return isOfFormat(value, names, formats) ? value : cleaned(value);
  if (typeof value === 'number') return isCardNumeral(value) && !isAmount(names) ? maskedNumeral(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (isSplitCardNumber(value)) return [maskCardNumbers(value.join(''))];
    return value.map((item, at) => withoutSecrets(item, [...names, String(at)], formats));
  }
  const members = Object.entries(value)
    .filter(([name]) => !isSecretName(name))
    .map(([name, member]) => [maskCardNumbers(name), withoutSecrets(member, [...names, name], formats)]);
  return Object.fromEntries(members);
}

function isLeftIn(value: unknown, names: readonly string[], formats: TokenFormats): boolean {
  if (typeof value === 'string') return hasCardNumber(value) && !isOfFormat(value, names, formats);
  if (typeof value === 'number') return isCardNumeral(value) && !isAmount(names);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) && isSplitCardNumber(value)) return true;
  return Object.entries(value).some(
    ([name, member]) => isSecretName(name) || hasCardNumber(name) || isLeftIn(member, [...names, name], formats),
  );
}

function isOfFormat(value: string, names: readonly string[], formats: TokenFormats): boolean {
  const token = tokenAt(names);
  return token !== undefined && formats[token]?.test(value) === true;
}

function cleaned(text: string): string {
  return maskCardNumbers(withoutSecretsIn(text));
}

function maskedNumeral(value: number): string {
  // A number that JSON has rounded has no last four digits to show.
  return Number.isSafeInteger(value) ? maskCardNumbers(String(value)) : DROPPED;
}

function unescaped(_: string, code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}

function utf8(bytes: Uint8Array, text: string): Uint8Array {
  const kept = cleanedText(text);
  return kept === text ? bytes : ENCODER.encode(kept);
}

/** Looked through byte by byte, and as text with some bytes that are none. */
function notText(bytes: Uint8Array): Uint8Array {
  const text = BYTEWISE.decode(bytes);
  const kept = cleanedText(text);
  const rest = kept === text ? bytes : Uint8Array.from(kept, (character) => character.charCodeAt(0));
  return utf8(rest, LENIENT.decode(rest));
}

/** What is written by escapes is masked where it is read. */
function cleanedText(text: string): string {
  const read = readable(text);
  if (read === text) return cleaned(text);
  const kept = cleaned(read);
  return kept === read ? cleaned(text) : kept;
}

function readable(text: string): string {
  return text.replace(ESCAPE, unescaped);
}
