/** A text as a reader sees it, and where each of its UTF-16 units stands in the text that was sent. */
export interface Reading {
  readonly text: string;
  /** For each unit where what it was read from begins and ends; undefined where both texts are the same, or none were asked for. */
  readonly places: { readonly from: readonly number[]; readonly to: readonly number[] } | undefined;
}

const NOT_ASCII = /[^\0-\x7f]/;
const DECIMAL_DIGIT = /\p{Nd}/u;
const ESCAPE_SIGN = /[%&\\]/;
/**
 * One character in the escapes of addresses (RFC 3986, also escaped twice), of HTML and XML, and of JSON and JavaScript. A
 * byte of a longer UTF-8 sequence belongs to the sequence.
 */
const ESCAPES =
  /%(?:25)*(?:[0-7][\da-f]|[c-f][\da-f](?:%(?:25)*[89ab][\da-f]){1,3})|&#\d{1,7};|&#x[\da-f]{1,6};|&[a-z]{2,8};|\\u[\da-f]{4}|\\u\{[\da-f]{1,6}\}|\\x[\da-f]{2}|\\[bfnrtv]/gi;
const CODE_POINT_MAX = 0x10_ff_ff;

/**
 * Digits that NFKC leaves as they are: from the first one of a row on they count up from 0 or 1. Dingbats and negative
 * circled digits have no decomposition.
 */
const ROWS_OF_DIGITS: readonly (readonly [first: number, value: number, length: number])[] = [
  [0x24ff, 0, 1],
  [0x24f5, 1, 9],
  [0x2776, 1, 9],
  [0x2780, 1, 9],
  [0x278a, 1, 9],
];
/** Chinese numerals as a number is read aloud, plain and as banks write them. */
const CHINESE_DIGITS = ['〇零', '一壹', '二贰貳', '三叁參', '四肆', '五伍', '六陆陸', '七柒', '八捌', '九玖'];
const DIGIT_OF_CHARACTER: ReadonlyMap<string, string> = new Map([
  ...CHINESE_DIGITS.flatMap((characters, value) => [...characters].map((each) => [each, String(value)] as const)),
  ...ROWS_OF_DIGITS.flatMap(([first, value, length]) =>
    Array.from({ length }, (_, at) => [String.fromCodePoint(first + at), String(value + at)] as const),
  ),
]);

/**
 * Returns the text as it stands, with every digit as a plain one; and, where it has escapes, with these resolved.
 *
 * @param isPlaced false: the places of each unit, which cost more than the text, are left out.
 */
export function readingsOf(text: string, isPlaced: boolean): readonly Reading[] {
  const plain = inPlainDigits(text, isPlaced);
  if (!ESCAPE_SIGN.test(text)) return [plain];
  const resolved = withoutEscapes(text, isPlaced);
  return resolved === undefined ? [plain] : [plain, resolved];
}

/** Full-width digits, Arabic ones, circled ones and their like become plain ones (Unicode NFKC and category Nd). */
function inPlainDigits(text: string, isPlaced: boolean): Reading {
  if (!NOT_ASCII.test(text)) return { text, places: undefined };
  const builder = new ReadingBuilder(isPlaced);
  let at = 0;
  for (const character of text) {
    builder.add(character, at, at + character.length);
    at += character.length;
  }
  return builder.reading();
}

/** Undefined where nothing in the text is an escape. */
function withoutEscapes(text: string, isPlaced: boolean): Reading | undefined {
  const builder = new ReadingBuilder(isPlaced);
  let at = 0;
  for (const { 0: escaped, index } of text.matchAll(ESCAPES)) {
    builder.addAll(text.slice(at, index), at);
    builder.add(characterOf(escaped), index, index + escaped.length);
    at = index + escaped.length;
  }
  if (at === 0) return undefined;
  builder.addAll(text.slice(at), at);
  return builder.reading();
}

function characterOf(escaped: string): string {
  // One byte of ASCII, as nearly all are.
  if (escaped.length === '%20'.length) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  if (escaped.startsWith('%')) return decoded(escaped.replace(/%(?:25)*/g, '%'));
  const [, hex] = /^(?:&#x|\\u\{?|\\x)([\da-f]+)/i.exec(escaped) ?? [];
  const [, decimal] = /^&#(\d+);$/.exec(escaped) ?? [];
  const code = hex === undefined ? Number(decimal ?? 0x20) : Number.parseInt(hex, 16);
  // A named character of HTML, such as `&nbsp;`, and the end of a line part digits.
  return code <= CODE_POINT_MAX ? String.fromCodePoint(code) : ' ';
}

function decoded(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return ' ';
  }
}

/** More than the characters of any text but a hostile one, which then costs what it costs without a memory. */
const KNOWN_MAX = 10_000;
const known = new Map<string, string>();

/** Remembers what characters become: to normalise one takes longer than all else that is done with it. */
function inDigits(character: string): string {
  const before = known.get(character);
  if (before !== undefined) return before;
  const read = [...character.normalize('NFKC')].map(plainDigit).join('');
  if (known.size < KNOWN_MAX) known.set(character, read);
  return read;
}

class ReadingBuilder {
  #text = '';
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #isPlaced: boolean;

  constructor(isPlaced: boolean) {
    this.#isPlaced = isPlaced;
  }

  add(character: string, from: number, to: number): void {
    const read = NOT_ASCII.test(character) ? inDigits(character) : character;
    this.#text += read;
    if (!this.#isPlaced) return;
    for (let unit = 0; unit < read.length; unit++) {
      this.#from.push(from);
      this.#to.push(to);
    }
  }

  addAll(text: string, from: number): void {
    let at = from;
    for (const character of text) {
      this.add(character, at, at + character.length);
      at += character.length;
    }
  }

  reading(): Reading {
    return { text: this.#text, places: this.#isPlaced ? { from: this.#from, to: this.#to } : undefined };
  }
}

function plainDigit(character: string): string {
  const known = DIGIT_OF_CHARACTER.get(character);
  if (known !== undefined) return known;
  if (!NOT_ASCII.test(character) || !DECIMAL_DIGIT.test(character)) return character;
  // Unicode keeps the ten digits of a script in one row, from 0 on.
  const code = character.codePointAt(0) ?? 0;
  let first = code;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
