import { minorDigits } from '../../core/events/money.ts';

/** An amount of minor units with its currency's code, exact for every safe integer: `CNY 129.00`, `JPY 500`, `KWD 1.234`. */
export function formatMoney(minor: number, { currency, locale }: { currency: string; locale: string }): string {
  const digits = minorDigits(currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'code',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // As decimal text, for a division would round what is large. A whole number with an exponent is a number.
  return format.format(`${minor}E-${digits}` as `${number}`);
}

/** What a person typed as an amount of the currency, in minor units; undefined when it is none, or has too many digits. */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = minorDigits(currency);
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = match?.[2] ?? '';
  if (match === null || fraction.length > digits) return undefined;
  const minor = Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
  return Number.isSafeInteger(minor) ? minor : undefined;
}
