/** Where a range was read, and when that page or package was issued. */
interface Reading {
  readonly source: string;
  readonly date: string;
}

/** Card numbers that begin alike: all prefixes from one until the other, both of one length. */
export interface CardRange extends Reading {
  readonly network: string;
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
  /** False where cards without a Luhn digit are in use, or where no source says that there is one. */
  readonly hasLuhn: boolean;
}

const TYPES: Reading = { source: 'credit-card-type 10.3.0 (npm)', date: '2026-07-10' };
const TABLE: Reading = { source: 'Wikipedia, "Payment card number", table of IINs', date: '2024-07-19' };

const LENGTHS_12_TO_19 = [12, 13, 14, 15, 16, 17, 18, 19];
const LENGTHS_14_TO_19 = LENGTHS_12_TO_19.slice(2);
const LENGTHS_16_TO_19 = LENGTHS_12_TO_19.slice(4);

/** `622` or `622-625`. */
function range(network: string, prefixes: string, lengths: readonly number[], reading: Reading): CardRange {
  const [from = '', to = from] = prefixes.split('-');
  return { network, from, to, lengths, hasLuhn: true, ...reading };
}

/** What is of such a range counts by prefix and length alone. */
function withoutLuhn(of: CardRange): CardRange {
  return { ...of, hasLuhn: false };
}

/**
 * The ranges of the networks. One may lie inside another: each network is listed as its source has it. The lengths are
 * those of the source that has more of them. test/unit/events/card-networks.test.ts compares them with `credit-card-type`.
 */
export const CARD_RANGES: readonly CardRange[] = [
  range('Visa', '4', [13, 16, 18, 19], TYPES),
  range('Mastercard', '51-55', [16], TYPES),
  range('Mastercard', '2221-2720', [16], TYPES),
  range('American Express', '34', [15], TYPES),
  range('American Express', '37', [15], TYPES),
  range('Diners Club', '300-305', LENGTHS_14_TO_19, TABLE),
  range('Diners Club', '309', LENGTHS_14_TO_19, TABLE),
  range('Diners Club', '36', LENGTHS_14_TO_19, TABLE),
  range('Diners Club', '38-39', LENGTHS_14_TO_19, TABLE),
  range('Discover', '6011', LENGTHS_16_TO_19, TABLE),
  range('Discover', '644-649', LENGTHS_16_TO_19, TABLE),
  range('Discover', '65', LENGTHS_16_TO_19, TABLE),
  range('JCB', '3528-3589', LENGTHS_16_TO_19, TYPES),
  range('JCB', '1800', [15, ...LENGTHS_16_TO_19], TYPES),
  range('JCB', '2131', [15, ...LENGTHS_16_TO_19], TYPES),
  withoutLuhn(range('UnionPay', '62', LENGTHS_16_TO_19, TABLE)),
  range('UnionPay', '62', [14, 15], TYPES),
  range('UnionPay', '810-817', LENGTHS_14_TO_19, TYPES),
  range('Maestro', '50', LENGTHS_12_TO_19, TYPES),
  range('Maestro', '56-59', LENGTHS_12_TO_19, TYPES),
  range('Maestro', '6', LENGTHS_12_TO_19, TYPES),
  range('Maestro', '493698', LENGTHS_12_TO_19, TYPES),
  range('Mir', '2200-2204', LENGTHS_16_TO_19, TYPES),
  range('BORICA', '2205', LENGTHS_16_TO_19, TABLE),
  range('UATP', '1', [15], TABLE),
  range('Troy', '9792', [16], TYPES),
  range('RuPay', '60', [16], TABLE),
  range('RuPay', '6521-6522', [16], TABLE),
  range('RuPay', '81-82', [16], TABLE),
  range('RuPay', '508', [16], TABLE),
  range('RuPay', '353', [16], TABLE),
  range('RuPay', '356', [16], TABLE),
  range('Elo', '5067', [16], TYPES),
  range('Elo', '509', [16], TYPES),
  range('Elo', '627780', [16], TYPES),
  range('Elo', '636297', [16], TYPES),
  range('Elo', '650031-651679', [16], TYPES),
  range('Hipercard', '606282', [16], TYPES),
  range('Hiper', '637095', [16], TYPES),
  range('Naranja', '589562', [16], TYPES),
  range('Verve', '506099-506198', [16, 18, 19], TABLE),
  range('Verve', '507865-507964', [16, 18, 19], TABLE),
  range('Verve', '650002-650027', [16, 18, 19], TABLE),
  range('Dankort', '5019', [16], TABLE),
  range('Dankort', '4571', [16], TABLE),
  range('InterPayment', '636', LENGTHS_16_TO_19, TABLE),
  range('InstaPayment', '637-639', [16], TABLE),
  range('UkrCard', '60400100-60420099', LENGTHS_16_TO_19, TABLE),
  range('China T-Union', '31', [19], TABLE),
  range('GPN', '1946', [16, 18, 19], TABLE),
  withoutLuhn(range('Uzcard', '8600', [16], TABLE)),
  withoutLuhn(range('Uzcard', '5614', [16], TABLE)),
  withoutLuhn(range('Humo', '9860', [16], TABLE)),
  withoutLuhn(range('Napas', '9704', [16, 19], TABLE)),
  withoutLuhn(range('LankaPay', '357111', [16], TABLE)),
  withoutLuhn(range('AfriGo', '564456', [18], TABLE)),
];

/** The digits of the shortest and of the longest card number (ISO/IEC 7812-1 allows 19). */
export const CARD_DIGITS_MIN = 12;
export const CARD_DIGITS_MAX = 19;
const ZERO = 0x30;

/** By the first digit and the length: the ranges that a number may be of, without those that another one covers. */
const RANGES_OF: readonly (readonly (readonly CardRange[])[])[] = Array.from({ length: 10 }, (_, first) =>
  Array.from({ length: CARD_DIGITS_MAX + 1 }, (__, length) => rangesOf(String(first), length)),
);

function rangesOf(first: string, length: number): readonly CardRange[] {
  const ranges = CARD_RANGES.filter(({ from, to, lengths }) => {
    return from[0]! <= first && first <= to[0]! && lengths.includes(length);
  });
  return ranges.filter(
    (range, at) => !ranges.some((other, before) => other !== range && covers(other, range, before < at)),
  );
}

/** Of two equal ranges the earlier one covers the other. */
function covers(wide: CardRange, narrow: CardRange, isEarlier: boolean): boolean {
  const size = wide.from.length;
  if (size > narrow.from.length || (wide.hasLuhn && !narrow.hasLuhn)) return false;
  if (
    size === narrow.from.length &&
    wide.from === narrow.from &&
    wide.to === narrow.to &&
    wide.hasLuhn === narrow.hasLuhn
  )
    return isEarlier;
  return wide.from <= narrow.from.slice(0, size) && narrow.to.slice(0, size) <= wide.to;
}

/**
 * Returns true for the digits of a card number: of a network's prefix and length, with its Luhn digit.
 *
 * @param isPlainlyWritten one run of digits, or groups of four: only then a number without a Luhn digit counts, for any row
 *   of figures would be found else.
 */
export function isCard(digits: string, isPlainlyWritten: boolean): boolean {
  const ranges = rangesFor(digits);
  let isOfOne = false;
  for (const range of ranges) {
    if (!isIn(range, digits)) continue;
    if (isPlainlyWritten && !range.hasLuhn) return true;
    isOfOne = true;
  }
  return isOfOne && passesLuhn(digits);
}

/** Returns true when a network's prefix and length fit, whatever the Luhn digit is. */
export function isOfNetwork(digits: string): boolean {
  return rangesFor(digits).some((range) => isIn(range, digits));
}

function rangesFor(digits: string): readonly CardRange[] {
  return RANGES_OF[digits.charCodeAt(0) - ZERO]?.[digits.length] ?? [];
}

/** A row of figures asks this for each of them: the first digit is compared already. */
function isIn({ from, to }: CardRange, digits: string): boolean {
  if (from.length === 1) return true;
  const prefix = digits.slice(0, from.length);
  return from <= prefix && prefix <= to;
}

/** The sum of the digits of twice a digit. */
const TWICE = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1; at >= 0; at -= 2) {
    sum += digits.charCodeAt(at) - ZERO;
    if (at > 0) sum += TWICE[digits.charCodeAt(at - 1) - ZERO]!; // a digit
  }
  return sum % 10 === 0;
}
