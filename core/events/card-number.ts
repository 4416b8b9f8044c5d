/**
 * Recognises primary account numbers, so that none is ever kept as a token.
 *
 * A string counts as a card number when, without spaces and hyphens, it has the length and the prefix of a network
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

const DIGITS_MIN = 12;
const DIGITS_MAX = 19;
/** Nearly every token has one, mostly in the first place. */
const OTHER_CHARACTER = /[^\d\s-]/;
/** Groups of digits with single spaces or hyphens between them. */
const GROUPS = /\d+(?:[ -]\d+)*/g;

export function isCardNumber(text: string): boolean {
  if (text.length < DIGITS_MIN || OTHER_CHARACTER.test(text)) return false;
  const digits = text.replace(/[\s-]/g, '');
  return digits.length >= DIGITS_MIN && digits.length <= DIGITS_MAX && isOfNetwork(digits) && holdsLuhn(digits);
}

/**
 * The text with every card number in it masked to its last four digits. A card number is one group of digits or several
 * in a row: so one that stands beside other figures, an expiry date or another card number, is found too, and a piece of
 * a longer number is not taken for one.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(GROUPS, (run) => {
    // The separators are kept: the odd places.
    const parts = run.split(/([ -])/);
    for (let from = 0; from < parts.length; from += 2) {
      const to = cardEnd(parts, from);
      if (to === undefined) continue;
      const digits = parts.slice(from, to + 1).join('');
      parts.splice(from, to + 1 - from, `****${digits.slice(-4)}`);
    }
    return parts.join('');
  });
}

/** Where the longest card number ends that begins with a group. */
function cardEnd(parts: readonly string[], from: number): number | undefined {
  let end: number | undefined;
  let digits = '';
  for (let to = from; to < parts.length; to += 2) {
    digits += parts[to];
    if (digits.length > DIGITS_MAX) break;
    if (isCardNumber(digits)) end = to;
  }
  return end;
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
