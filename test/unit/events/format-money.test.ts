import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, formatMoney } from '../../../core/events/format-money.ts';
import { minorDigits } from '../../../core/events/money.ts';

const currency = fc.constantFrom(...Intl.supportedValuesOf('currency'));
const locale = fc.constantFrom('en', 'zh', 'zh-CN');
const minor = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);

/** Every digit of the minor units, as decimal text: written by hand, so that no division rounds it. */
function decimal(minorUnits: number, digits: number): string {
  const text = String(Math.abs(minorUnits)).padStart(digits + 1, '0');
  const at = text.length - digits;
  const whole = text.slice(0, at).replace(/\B(?=(\d{3})+$)/g, ',');
  return digits === 0 ? whole : `${whole}.${text.slice(at)}`;
}

describe('an amount of money', () => {
  it.each([
    { minorUnits: 12_900, currency: 'CNY', text: 'CNY 129.00' },
    { minorUnits: 500, currency: 'JPY', text: 'JPY 500' },
    { minorUnits: 1_234, currency: 'KWD', text: 'KWD 1.234' },
    // Intl gives these currencies fewer digits than ISO 4217 does.
    { minorUnits: 12_900, currency: 'HUF', text: 'HUF 129.00' },
    { minorUnits: 12_900, currency: 'IDR', text: 'IDR 129.00' },
    { minorUnits: 12_900, currency: 'COP', text: 'COP 129.00' },
    { minorUnits: 12_900, currency: 'IQD', text: 'IQD 12.900' },
    { minorUnits: Number.MAX_SAFE_INTEGER, currency: 'CNY', text: 'CNY 90,071,992,547,409.91' },
    { minorUnits: -12_900, currency: 'CNY', text: '-CNY 129.00' },
  ])('of $minorUnits minor units of $currency is $text in every locale', ({ minorUnits, currency, text }) => {
    for (const locale of ['en', 'zh', 'zh-CN']) expect(formatMoney(minorUnits, { currency, locale })).toBe(text);
  });

  it('has every digit of the minor units, in every currency', () => {
    fc.assert(
      fc.property(minor, currency, locale, (minorUnits, currency, locale) => {
        const sign = minorUnits < 0 ? '-' : '';
        const amount = decimal(minorUnits, minorDigits(currency));
        expect(formatMoney(minorUnits, { currency, locale })).toBe(`${sign}${currency} ${amount}`);
        expect(formatAmount(minorUnits, { currency, locale })).toBe(`${sign}${amount}`);
      }),
    );
  });
});
