import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, isCard, isOfNetwork } from './card-networks.ts';
import { type Reading, readingsOf } from './digit-reading.ts';

/** A card number in a text: from one place until before the other. */
export interface FoundCard {
  readonly from: number;
  readonly to: number;
  readonly lastFour: string;
}

const [ZERO, NINE, LOWER_A, LOWER_Z, DELETE, LOWER_CASE] = [0x30, 0x39, 0x61, 0x7a, 0x7f, 0x20];
/** What begins an escape: `%`, `&` or `\`. */
const [PERCENT, AMPERSAND, BACKSLASH] = [0x25, 0x26, 0x5c];
/**
 * What has many digits and is no card number: UUIDs of a known version (RFC 9562), and times of this century and the last
 * (RFC 3339). Of a million random UUIDs a few hundred would else have a valid card number.
 */
const IDS_AND_TIMES =
  /\b(?:[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}|(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)\b/gi;
const WORD = /[\p{L}\p{N}]+/gu;
/** A word of one run of digits: `PAN4111…`, `4111…EUR`. */
const ONE_RUN = /^(\p{L}*)(\d+)(\p{L}*)$/u;
/** Between letters on both sides fewer digits are an id: those of PayPal have up to 13. */
const AMID_LETTERS_MIN = 15;
const LONG_RUN = /\d{15,}/g;
/** Hex digests and ids have digits enough between their letters. */
const HEX = /^[\da-f]{20,}$/i;
/** Track 2 as chips send it: the number, `D`, year, month and service code (ISO/IEC 7813; EMV tag 57). */
const CHIP_TRACK = /(?<![\p{L}\p{N}])(\d{12,19})D(?=\d\d(?:0[1-9]|1[0-2])\d{3,20}F?(?![\p{L}\p{N}]))/giu;
const GROUP_OF_CARD = 4;
/** A mask takes at least eight digits away, and what is left of two numbers may be a third one. */
const MASKINGS_MAX = 20;
const DROPPED = '***';

/**
 * Finds every card number in a text: in digits of any script or width, through any separators but letters, inside longer
 * text, in track data and in escapes. A card number is one group of digits or several in a row, so one that stands beside
 * other figures is found too. A piece of a longer run of digits is none.
 */
export function findCardNumbers(text: string): readonly FoundCard[] {
  // Nearly all texts have none: their places are not needed.
  if (!hasCardNumber(text)) return [];
  return merged(
    readingsOf(text, true).flatMap((reading) => cardsIn(reading.text).map((card) => placed(card, reading))),
  );
}

/** Returns true when a card number is anywhere in the text. */
export function hasCardNumber(text: string): boolean {
  return mayHaveCardNumber(text) && readingsOf(text, false).some((reading) => cardsIn(reading.text).length > 0);
}

/**
 * Returns true for a number whose digits are a card number. Beyond the safe integers JSON has lost its last digits, the
 * Luhn digit among them: there the prefix of a network is enough.
 */
export function isCardNumeral(value: number): boolean {
  const whole = Math.trunc(Math.abs(value));
  if (!(whole >= 10 ** (CARD_DIGITS_MIN - 1) && whole < 10 ** CARD_DIGITS_MAX)) return false;
  const digits = BigInt(whole).toString();
  return Number.isSafeInteger(whole) ? isCard(digits, true) : isOfNetwork(digits);
}

/** Returns the text with every card number in it masked to its last four digits. */
export function maskCardNumbers(text: string): string {
  let masked = text;
  for (let round = 0; round < MASKINGS_MAX; round++) {
    const found = findCardNumbers(masked);
    if (found.length === 0) return masked;
    masked = maskedAt(masked, found);
  }
  return hasCardNumber(masked) ? DROPPED : masked;
}

function maskedAt(text: string, found: readonly FoundCard[]): string {
  let masked = '';
  let copiedTo = 0;
  for (const { from, to, lastFour } of found) {
    masked += `${text.slice(copiedTo, from)}****${lastFour}`;
    copiedTo = to;
  }
  return masked + text.slice(copiedTo);
}

/**
 * Returns true for a text with enough digits without a letter between them, or with characters that may become digits.
 * Every string of every event is asked: the loop costs a tenth of a regular expression.
 */
function mayHaveCardNumber(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      digits += 1;
      if (digits === CARD_DIGITS_MIN) return true;
    } else if ((code | LOWER_CASE) >= LOWER_A && (code | LOWER_CASE) <= LOWER_Z) digits = 0;
    else if (code > DELETE || code === PERCENT || code === AMPERSAND || code === BACKSLASH) return true;
  }
  return false;
}

/** A piece of a text and the digits in it. */
interface Digits {
  readonly from: number;
  readonly to: number;
  readonly digits: string;
}

function cardsIn(text: string): readonly Digits[] {
  const chips = [...text.matchAll(CHIP_TRACK)]
    .map(({ 1: digits = '', index }) => ({ from: index, to: index + digits.length, digits }))
    .filter(({ digits }) => isCard(digits, true));
  const rows = rowsOfGroups(text.replace(IDS_AND_TIMES, (found) => 'x'.repeat(found.length)));
  return [...chips, ...rows.flatMap(cardsOf)];
}

/** Groups of digits that no letter parts. */
function rowsOfGroups(text: string): readonly (readonly Digits[])[] {
  const rows: Digits[][] = [[]];
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const [, before = '', digits = '', after = ''] = ONE_RUN.exec(word) ?? [];
    if (digits === '' || (before !== '' && after !== '')) {
      for (const run of longRunsOf(word, index)) rows.push([run]);
      rows.push([]);
      continue;
    }
    if (before !== '') rows.push([]);
    const from = index + before.length;
    rows.at(-1)?.push({ from, to: from + digits.length, digits });
    if (after !== '') rows.push([]);
  }
  return rows;
}

function longRunsOf(word: string, at: number): readonly Digits[] {
  if (word.length < AMID_LETTERS_MIN || HEX.test(word)) return [];
  return [...word.matchAll(LONG_RUN)].map(({ 0: digits, index }) => {
    return { from: at + index, to: at + index + digits.length, digits };
  });
}

function cardsOf(groups: readonly Digits[]): readonly Digits[] {
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
  const { from } = groups[start]!; // below the length
  let longest: { card: Digits; end: number } | undefined;
  let digits = '';
  let isInFours = true;
  for (let end = start; end < groups.length; end++) {
    const { digits: more, to } = groups[end]!; // below the length
    const isPlain = end === start || (isInFours && more.length <= GROUP_OF_CARD);
    isInFours &&= more.length === GROUP_OF_CARD;
    digits += more;
    if (digits.length > CARD_DIGITS_MAX) break;
    if (digits.length >= CARD_DIGITS_MIN && isCard(digits, isPlain)) longest = { card: { from, to, digits }, end };
  }
  return longest;
}

/** From the places of the reading to those of the text that was sent. */
function placed({ from, to, digits }: Digits, { places }: Reading): FoundCard {
  const lastFour = digits.slice(-GROUP_OF_CARD);
  if (places === undefined) return { from, to, lastFour };
  return { from: places.from[from]!, to: places.to[to - 1]!, lastFour }; // a place for each unit
}

/** In the order of the text. What overlaps is one: it is masked as a whole. */
function merged(found: readonly FoundCard[]): readonly FoundCard[] {
  const cards: FoundCard[] = [];
  for (const card of found.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = cards.at(-1);
    if (last === undefined || card.from >= last.to) cards.push(card);
    else if (card.to > last.to) cards[cards.length - 1] = { ...card, from: last.from };
  }
  return cards;
}
