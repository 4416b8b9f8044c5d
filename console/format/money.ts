import type { Minor } from '../../core/brands.ts';
import { formatMoney as formatMoneyText, type MoneyFormat } from '../../core/events/format-money.ts';
import { minorDigits } from '../../core/events/money.ts';

/** Formats minor units with the currency's code, on one line: `CNY 129.00`, `JPY 500`, `KWD 1.234`. */
export function formatMoney(minor: Minor, format: Required<MoneyFormat>): string {
  return formatMoneyText(minor, format).replace(' ', '\u00a0');
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
