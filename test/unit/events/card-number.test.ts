import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCardNumber, maskCardNumbers } from '../../../core/events/card-number.ts';

describe('isCardNumber', () => {
  // The networks' own published test numbers.
  it.each([
    ['Visa', '4111111111111111'],
    ['Visa of 13 digits', '4222222222222'],
    ['Mastercard', '5555555555554444'],
    ['Mastercard, series 2', '2223003122003222'],
    ['American Express', '378282246310005'],
    ['Discover', '6011111111111117'],
    ['Diners Club', '30569309025904'],
    ['JCB', '3530111333300000'],
    ['UnionPay', '6200000000000005'],
    ['UnionPay of 19 digits', '6205500000000000004'],
    ['with spaces', '4111 1111 1111 1111'],
    ['with hyphens', '4111-1111-1111-1111'],
  ])('knows %s', (_, text) => {
    expect(isCardNumber(text)).toBe(true);
  });

  it.each([
    ['a wrong Luhn digit', '4111111111111112'],
    ['no network', '9999999999999995'],
    ['a length that Visa has not', '41111111111111'],
    ['too short', '42222222'],
    ['letters', 'tok_4111111111111111'],
    ['nothing', ''],
  ])('does not take %s for one', (_, text) => {
    expect(isCardNumber(text)).toBe(false);
  });

  it('finds any change of a single digit, as Luhn promises', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [...'4111111111111111'];
        digits[at] = String((Number(digits[at]) + by) % 10);
        return !isCardNumber(digits.join(''));
      }),
    );
  });
});

describe('maskCardNumbers', () => {
  it.each([
    ['{"payer":"4111111111111111","x":1}', '{"payer":"****1111","x":1}'],
    ['4111 1111 1111 1111 and 378282246310005', '****1111 and ****0005'],
    ['order 4111111111111112', 'order 4111111111111112'],
    ['4111111111111111 12/26', '****1111 12/26'],
    ['1 4111111111111111', '1 ****1111'],
    ['4111111111111111-5555555555554444', '****1111-****4444'],
    ['99994111111111111111', '99994111111111111111'],
    ['nothing', 'nothing'],
  ])('makes %s %s', (text, masked) => {
    expect(maskCardNumbers(text)).toBe(masked);
  });
});
