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
/** Digits with single spaces or hyphens between them, at least as many as the shortest card number has. */
const CANDIDATE = /\d(?:[ -]?\d){11,18}/g;

export function isCardNumber(text: string): boolean {
  if (text.length < DIGITS_MIN) return false;
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{12,19}$/.test(digits) && isOfNetwork(digits) && holdsLuhn(digits);
}

/**
 * The text with every card number in it masked to its last four digits.
 * Looks at each run of 12 to 19 digits, also inside longer texts such as broken JSON.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(CANDIDATE, (run) => (isCardNumber(run) ? `****${run.slice(-4)}` : run));
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
