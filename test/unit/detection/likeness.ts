import type { Detector } from '../../../core/detection/detector.ts';
import type { Charge } from '../../../core/events/payment-event.ts';

/** When two charges are alike, once more: the oracle's own reading of a detector's fields. */
export type Values = Readonly<Record<string, unknown>>;

export function valuesOf(charge: Charge): Values {
  return { ...charge, amount: charge.amountMinor };
}

/** Charges that agree in `same`: absent equals absent only. */
export function same(charge: Charge, detector: Detector): string {
  const values = valuesOf(charge);
  return JSON.stringify(detector.same.map((field) => values[field] ?? null));
}

/** By the larger of the two, or by so many minor units. */
export function isAsMuch(a: number, b: number, { percent, minor }: NonNullable<Detector['near']>): boolean {
  const [small, large] = [Math.min(a, b), Math.max(a, b)];
  return large - small <= minor || small >= large * (1 - percent / 100);
}

export function respell(token: string, how: string): string {
  if (how === 'trim') return token.trim();
  if (how === 'case') return token.toLowerCase();
  if (how === 'leading-zeros') return /^\d+$/.test(token) ? String(BigInt(token)) : token;
  const cut = Math.max(...['-', '_', '.', '/', '#'].map((separator) => token.lastIndexOf(separator)));
  const [order, tail] = [token.slice(0, cut), token.slice(cut + 1)];
  return cut >= 4 && /\d/.test(order) && /^\d\d?$/.test(tail) ? order : token;
}

/** Within one key, charges meet by their amounts. */
export function comparesAmounts({ same: fields, near }: Detector): boolean {
  return near !== undefined || fields.includes('amount');
}
