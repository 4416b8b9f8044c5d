import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../../../console/format/money.ts';

describe('money', () => {
  it.each([
    { minor: 12_900, currency: 'CNY', locale: 'en', shown: 'CNY 129.00' },
    { minor: 500, currency: 'JPY', locale: 'en', shown: 'JPY 500' },
    { minor: 1_234, currency: 'KWD', locale: 'en', shown: 'KWD 1.234' },
    // Of daily use HUF has no minor unit; ISO 4217, and so the events, give it two digits.
    { minor: 12_345, currency: 'HUF', locale: 'en', shown: 'HUF 123.45' },
    { minor: 0, currency: 'JPY', locale: 'en', shown: 'JPY 0' },
    { minor: 12_900, currency: 'CNY', locale: 'zh-CN', shown: 'CNY 129.00' },
    { minor: 1_234, currency: 'KWD', locale: 'zh-CN', shown: 'KWD 1.234' },
    { minor: Number.MAX_SAFE_INTEGER, currency: 'CNY', locale: 'en', shown: 'CNY 90,071,992,547,409.91' },
  ])('$minor of $currency is $shown in $locale', ({ minor, currency, locale, shown }) => {
    expect(formatMoney(minor, { currency, locale }).replaceAll('\u00a0', ' ')).toBe(shown);
  });

  it.each([
    { text: '129', currency: 'CNY', minor: 12_900 },
    { text: ' 129.5 ', currency: 'CNY', minor: 12_950 },
    { text: '0.29', currency: 'CNY', minor: 29 },
    { text: '500', currency: 'JPY', minor: 500 },
    { text: '1.234', currency: 'KWD', minor: 1_234 },
  ])('$text typed for $currency is $minor', ({ text, currency, minor }) => {
    expect(parseMoney(text, currency)).toBe(minor);
  });

  it.each([
    { text: '1.234', currency: 'CNY' },
    { text: '500.5', currency: 'JPY' },
    { text: '-1', currency: 'CNY' },
    { text: '1e3', currency: 'CNY' },
    { text: '', currency: 'CNY' },
    { text: '999999999999999', currency: 'CNY' },
  ])('"$text" is no amount of $currency', ({ text, currency }) => {
    expect(parseMoney(text, currency)).toBeUndefined();
  });
});
