import { describe, expect, it } from 'vitest';
import { isCurrency, minorDigits } from '../../../core/events/money.ts';

describe('money', () => {
  it.each([
    ['CNY', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['EUR', 2],
  ])('%s has %d minor digits by ISO 4217', (currency, digits) => {
    expect(isCurrency(currency)).toBe(true);
    expect(minorDigits(currency)).toBe(digits);
  });

  it.each(['cny', 'ZZZ', '', 'CN', 'CNYX', ' CNY'])('%j is no currency', (code) => {
    expect(isCurrency(code)).toBe(false);
  });
});
