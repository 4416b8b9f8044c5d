import type { Minor } from '../brands.ts';
import { minorDigits } from './money.ts';

export interface MoneyFormat {
  readonly currency: string;
  /** By default English, the language of the terminal, of audit entries and of errors. */
  readonly locale?: string;
}

/** Formats minor units with the currency's code: `CNY 129.00`, `JPY 500`, `KWD 1.234`. Exact for every safe integer. */
export function formatMoney(minor: Minor, { currency, locale = 'en' }: MoneyFormat): string {
  const text = format(minor, { currency, locale }, { style: 'currency', currency, currencyDisplay: 'code' });
  // Intl separates code and number by a no-break space. Terminals and e-mails need a plain one.
  return text.replaceAll('\u00a0', ' ');
}

/** Formats minor units without the currency's code, for tables that have a column for it: `129.00`. */
export function formatAmount(minor: Minor, { currency, locale = 'en' }: MoneyFormat): string {
  return format(minor, { currency, locale }, { style: 'decimal' });
}

function format(minor: Minor, { currency, locale }: Required<MoneyFormat>, layout: Intl.NumberFormatOptions): string {
  // Intl decides the layout alone. Its own digits are those of daily use, in which HUF has none.
  const digits = minorDigits(currency);
  const number = new Intl.NumberFormat(locale, {
    ...layout,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // As decimal text, since a division rounds large amounts. The type does not know that a number may have an exponent.
  return number.format(`${minor}E-${digits}` as `${number}`);
}
