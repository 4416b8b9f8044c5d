/**
 * Recognises primary account numbers, so that none is ever kept.
 *
 * Digits count as a card number when they have the length and the prefix of a network
 * (ISO/IEC 7812 ranges as the networks publish them) and its Luhn digit holds (ISO/IEC 7812-1, annex B).
 */
const NETWORKS: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] }, // Visa
  { prefix: /^(5[1-5]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720))/, lengths: [16] }, // Mastercard
  { prefix: /^3[47]/, lengths: [15] }, // American Express
  { prefix: /^(6011|65|64[4-9])/, lengths: [16, 17, 18, 19] }, // Discover
  { prefix: /^(30[0-5]|309|36|38|39)/, lengths: [14, 15, 16, 17, 18, 19] }, // Diners Club
  { prefix: /^35(2[89]|[3-8])/, lengths: [16, 17, 18, 19] }, // JCB
  { prefix: /^62/, lengths: [16, 17, 18, 19] }, // UnionPay
  { prefix: /^(50|5[6-9]|6)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
];

/** The digits of the shortest and of the longest card number. */
export const CARD_DIGITS_MIN = 12;
const DIGITS_MAX = 19;
const [ZERO, NINE, LOWER_A, LOWER_Z, DELETE, LOWER_CASE] = [0x30, 0x39, 0x61, 0x7a, 0x7f, 0x20];
/** Nearly every token has one, mostly in the first place. */
const OTHER_CHARACTER = /[^\d\s-]/;
const NOT_ASCII = /[^\0-\x7f]/;
/**
 * What has many digits and is no card number: UUIDs of a known version (RFC 9562), and times (RFC 3339). Of a million random
 * UUIDs a few hundred would else hold a valid card number.
 */
const IDS_AND_TIMES =
  /\b(?:[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)\b/gi;
/**
 * A group of digits. A letter may stand before it or after it (`PAN4111…`), not on both sides or amid other digits: hex
 * digests and ids of many kinds have digits enough between letters.
 */
const WORD = /[\p{L}\p{N}]+/gu;
const GROUP = /^(\p{L}*)(\d+)(\p{L}*)$/u;

/** Is the whole text, but for spaces and hyphens, a card number? */
export function isCardNumber(text: string): boolean {
  if (text.length < CARD_DIGITS_MIN || OTHER_CHARACTER.test(text)) return false;
  const digits = text.replace(/[\s-]/g, '');
  return digits.length <= DIGITS_MAX && isCard(digits);
}

/** Is a card number anywhere in the text, in digits of any width, with anything but letters between its groups? */
export function hasCardNumber(text: string): boolean {
  return mayHaveCardNumber(text) && cardNumbersIn(normalised(text)).length > 0;
}

/**
 * Has the text enough digits without a letter between them, or characters that may become digits? Every string of every event
 * is asked: the loop costs a tenth of a regular expression.
 */
function mayHaveCardNumber(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > DELETE) return true;
    if (code >= ZERO && code <= NINE) {
      digits += 1;
      if (digits === CARD_DIGITS_MIN) return true;
    } else if ((code | LOWER_CASE) >= LOWER_A && (code | LOWER_CASE) <= LOWER_Z) digits = 0;
  }
  return false;
}

/**
 * Is the number a card number? Beyond the safe integers JSON has lost its last digits, the Luhn digit among them: there the
 * prefix of a network is enough.
 */
export function isCardNumeral(value: number): boolean {
  if (!Number.isInteger(value) || value < 10 ** (CARD_DIGITS_MIN - 1) || value >= 10 ** DIGITS_MAX) return false;
  const digits = BigInt(value).toString();
  return Number.isSafeInteger(value) ? isCardNumber(digits) : isOfNetwork(digits);
}

/**
 * The text with every card number in it masked to its last four digits. A card number is one group of digits or several in
 * a row: so one that stands beside other figures, an expiry date or another card number, is found too, and a piece of a
 * longer number is not taken for one.
 */
export function maskCardNumbers(text: string): string {
  if (!mayHaveCardNumber(text)) return text;
  const normal = normalised(text);
  const found = cardNumbersIn(normal);
  if (found.length === 0) return text;
  let masked = '';
  let copiedTo = 0;
  for (const { from, to, digits } of found) {
    masked += `${normal.slice(copiedTo, from)}****${digits.slice(-4)}`;
    copiedTo = to;
  }
  return masked + normal.slice(copiedTo);
}

/** Full-width digits, circled ones and their like become plain ones (Unicode NFKC). */
function normalised(text: string): string {
  return NOT_ASCII.test(text) ? text.normalize('NFKC') : text;
}

/** A piece of a text, from one place until before the other, and the digits in it. */
interface Digits {
  readonly from: number;
  readonly to: number;
  readonly digits: string;
}

function cardNumbersIn(text: string): readonly Digits[] {
  return rowsOfGroups(text.replace(IDS_AND_TIMES, (found) => 'x'.repeat(found.length))).flatMap(cardNumbersOf);
}

/** Groups of digits that no letter parts. */
function rowsOfGroups(text: string): readonly (readonly Digits[])[] {
  const rows: Digits[][] = [[]];
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const [, before = '', digits = '', after = ''] = GROUP.exec(word) ?? [];
    const isGroup = digits !== '' && (before === '' || after === '');
    if (!isGroup || before !== '') rows.push([]);
    const from = index + before.length;
    if (isGroup) rows.at(-1)?.push({ from, to: from + digits.length, digits });
    if (isGroup && after !== '') rows.push([]);
  }
  return rows;
}

function cardNumbersOf(groups: readonly Digits[]): readonly Digits[] {
  const found: Digits[] = [];
  for (let at = 0; at < groups.length; at++) {
    const longest = longestFrom(groups, at);
    if (longest === undefined) continue;
    found.push(longest.card);
    at = longest.end;
  }
  return found;
}

/** The longest card number that begins with a group. */
function longestFrom(groups: readonly Digits[], start: number): { card: Digits; end: number } | undefined {
  let longest: { card: Digits; end: number } | undefined;
  let digits = '';
  for (let end = start; end < groups.length; end++) {
    const { digits: more, to } = groups[end]!; // below the length
    digits += more;
    if (digits.length > DIGITS_MAX) break;
    if (digits.length >= CARD_DIGITS_MIN && isCard(digits))
      longest = { card: { from: groups[start]!.from, to, digits }, end };
  }
  return longest;
}

function isCard(digits: string): boolean {
  return isOfNetwork(digits) && holdsLuhn(digits);
}

function isOfNetwork(digits: string): boolean {
  return NETWORKS.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits));
}

function holdsLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
