import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findCardNumbers,
  hasCardNumber,
  isCardNumeral,
  maskCardNumbers,
} from '../../../core/events/find-card-numbers.ts';

const VISA = '4111111111111111';

/** The digits of a card in another script, or as other characters. */
function inDigitsFrom(zero: number, digits = VISA): string {
  return [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
}

describe('a card number', () => {
  // The networks' own published test numbers.
  it.each([
    ['Visa', VISA],
    ['Visa of 13 digits', '4222222222222'],
    ['Mastercard', '5555555555554444'],
    ['Mastercard, series 2', '2223003122003222'],
    ['American Express', '378282246310005'],
    ['Discover', '6011111111111117'],
    ['Diners Club', '30569309025904'],
    ['JCB', '3530111333300000'],
    ['UnionPay', '6200000000000005'],
    ['UnionPay of 19 digits', '6205500000000000004'],
    ['Mir', '2200000000000004'],
    ['Troy', '9792000000000003'],
    ['UATP', '135412345678911'],
    ['with spaces', '4111 1111 1111 1111'],
    ['with hyphens', '4111-1111-1111-1111'],
    ['of UnionPay without a Luhn digit', '6212345678901231'],
    ['of UnionPay without a Luhn digit, in fours', '6212 3456 7890 1231 001'],
    ['Humo, whose check no source describes', '9860170104108668'],
  ])('is found: %s', (_, text) => {
    expect(findCardNumbers(text)).toMatchObject([
      { from: 0, to: text.length, lastFour: text.replace(/\D/g, '').slice(-4) },
    ]);
  });

  it.each([
    ['a wrong Luhn digit', '4111111111111112'],
    ['no network', '9999999999999995'],
    ['a length that Visa has not', '41111111111111'],
    ['too short', '42222222'],
    ['nothing', ''],
    ['figures in a row that UnionPay could have', '62, 12345, 678, 901231'],
    ['a trace id', '4bf92f3577b34da6a3ce929d0e0e4736'],
    [
      'a digest that looks like the track of a chip',
      '59711727913077578d43085215cb8a5268709ebe6127fce17c25df46e062cfc9',
    ],
    ['a digest that begins with one', `${VISA}e3b0c44298fc1c149afbf4c8996fb924`],
    ['an id of PayPal', 'P-5ML4271244454362WXNWU5NQ'],
    ['a UUID', '40000000-0000-4000-8000-000000000002'],
    ['a time', '2024-11-11T09:57:12.123456+08:00'],
    ['words of Chinese figures', '一二三月的订单三十五笔'],
  ])('is not found in %s', (_, text) => {
    expect(findCardNumbers(text)).toEqual([]);
  });

  it.each([
    ['after a prefix of tokens', `card_${VISA}`],
    ['between letters', `pan${VISA}exp`],
    ['between letters beside other digits', `v1pan${VISA}exp1226`],
    ['in Arabic-Indic digits', inDigitsFrom(0x660)],
    ['in Devanagari digits', inDigitsFrom(0x966)],
    ['in full-width digits', inDigitsFrom(0xff10)],
    ['in bold mathematical digits', inDigitsFrom(0x1d7ce)],
    ['in dingbats', inDigitsFrom(0x2775)],
    ['in Chinese numerals', '四一一一一一一一一一一一一一一一'],
    ['in the numerals of banks', '卡号：肆壹壹壹 壹壹壹壹 壹壹壹壹 壹壹壹壹'],
    ['with zero-width characters', [...VISA].join('\u200b')],
    ['with combining marks', [...VISA].join('\u0301')],
    ['with soft hyphens', '4111\u00ad1111\u00ad1111\u00ad1111'],
    ['with spaces that do not break', '4111\u00a01111\u202f1111\u00a01111'],
    ['as key caps', [...VISA].map((digit) => `${digit}\ufe0f\u20e3`).join('')],
    ['in an address', 'note=4111%201111%201111%201111'],
    ['in an address, escaped twice', '4111%25201111%25201111%25201111'],
    ['in escapes of full-width digits', encodeURIComponent(inDigitsFrom(0xff10))],
    ['in HTML', '4111&nbsp;1111&#32;1111&#x31;111'],
    ['in a JSON text inside a text', '{\\"pan\\":\\"\\u0034111\\n1111 1111 1111\\"}'],
    ['after a percent sign that is none of an escape', `100%${VISA}`],
    ['on track 1', `%B${VISA}^DOE/J^2512101000000000?`],
    ['on track 2', `;${VISA}=25121010000000000?`],
    ['on track 2 of a chip', `${VISA}D25121010000012345678F`],
    ['before an expiry date', `${VISA} 12/26`],
    ['between two times', `2024-11-11 10:00:00 ${VISA} 2024-11-11 10:00:01`],
  ])('is found %s, and its mask keeps four digits', (_, text) => {
    expect(hasCardNumber(text)).toBe(true);
    const masked = maskCardNumbers(text);
    expect(masked).toContain('****');
    expect(hasCardNumber(masked)).toBe(false);
  });

  it('is missed after no change of a single digit, as Luhn promises', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [...VISA];
        digits[at] = String((Number(digits[at]) + by) % 10);
        // Another first digit may be that of a network whose numbers need no Luhn digit.
        return !hasCardNumber(digits.join('')) || at < 6;
      }),
    );
  });
});

describe('a masked text', () => {
  it.each([
    ['{"payer":"4111111111111111","x":1}', '{"payer":"****1111","x":1}'],
    ['4111 1111 1111 1111 and 378282246310005', '****1111 and ****0005'],
    ['order 4111111111111112', 'order 4111111111111112'],
    ['4111111111111111 12/26', '****1111 12/26'],
    ['1 4111111111111111', '1 ****1111'],
    ['4111111111111111-5555555555554444', '****1111-****4444'],
    ['99994111111111111111', '99994111111111111111'],
    ['卡 ４１１１１１１１１１１１１１１１ 退款', '卡 ****1111 退款'],
    ['id=%34111111111111111&x=%20y', 'id=****1111&x=%20y'],
    ['nothing', 'nothing'],
  ])('of %s is %s', (text, masked) => {
    expect(maskCardNumbers(text)).toBe(masked);
  });

  it('makes no card number of what two others leave', () => {
    const leaves = '4111111111174242 4242 4242 4242';
    expect(hasCardNumber(leaves)).toBe(true);
    expect(hasCardNumber(maskCardNumbers(leaves))).toBe(false);
  });

  it('has no card number, whatever it was', () => {
    const pieces = fc.constantFrom(
      '4111',
      '1111',
      VISA,
      '4242',
      '5555555555554444',
      '\u200b',
      ' ',
      '-',
      'x',
      '%31',
      '１',
      '六',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(findCardNumbers(maskCardNumbers(parts.join('')))).toEqual([]);
      }),
    );
  });
});

describe('a number', () => {
  it.each([Number(VISA), -Number(VISA), 4_111_111_111_111_111.5, 6_212_345_678_901_231, 6_212_345_678_901_235_000])(
    '%d is a card number',
    (value) => {
      expect(isCardNumeral(value)).toBe(true);
    },
  );

  it.each([0, 12_900, 4_111_111_111_111_112, 0.4111111111111111, 1e20, Number.NaN, Number.POSITIVE_INFINITY])(
    '%d is no card number',
    (value) => {
      expect(isCardNumeral(value)).toBe(false);
    },
  );
});
