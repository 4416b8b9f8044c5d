import { isCard } from './card-networks.ts';

/** How cards show their digits in groups; and digit by digit. */
const LAYOUTS: ReadonlySet<string> = new Set(['4,4,4,4', '4,4,4,4,3', '4,6,5', '4,6,4']);
const DIGITS = /^\d{1,6}$/;
const SINGLE_DIGITS = /^1(?:,1){11,18}$/;

/** Returns true for a list whose items are the groups of one card number, or its single digits. */
export function isSplitCardNumber(items: readonly unknown[]): boolean {
  if (items.length < 3 || items.length > 19) return false;
  const groups = items.map((item) => (typeof item === 'string' ? item.trim().normalize('NFKC') : String(item)));
  if (!groups.every((group) => DIGITS.test(group))) return false;
  const layout = groups.map(({ length }) => length).join(',');
  return (LAYOUTS.has(layout) || SINGLE_DIGITS.test(layout)) && isCard(groups.join(''), false);
}
