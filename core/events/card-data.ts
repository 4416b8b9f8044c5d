import { CARD_DIGITS_MIN } from './card-networks.ts';
import { fieldPath } from './field-path.ts';
import { hasCardNumber, isCardNumeral } from './find-card-numbers.ts';
import { TOKEN_FIELDS, type TokenField } from './payment-event.ts';
import type { Source } from './source.ts';
import { isSplitCardNumber } from './split-card-number.ts';

/** The amounts of an event, which may be of any size. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'data.amount.value',
  'data.orderTotal.value',
  'data.total.value',
  'data.refundedTotal',
  'data.refundAmount',
]);
const TOKEN_OF_PATH: ReadonlyMap<string, TokenField> = new Map(
  TOKEN_FIELDS.map((token) => [token === 'id' ? token : `data.${token}`, token]),
);

/** Undefined where a name has a dot of its own: no documented field has one. */
function pathOf(names: readonly string[]): string | undefined {
  return names.some((name) => name.includes('.')) ? undefined : names.join('.');
}

/** Returns true for the names that lead to an amount of an event. */
export function isAmount(names: readonly string[]): boolean {
  return AMOUNTS.has(pathOf(names) ?? '');
}

/** Returns the token to which the names lead; undefined for none. */
export function tokenAt(names: readonly string[]): TokenField | undefined {
  return TOKEN_OF_PATH.get(pathOf(names) ?? '');
}

export interface CardField {
  readonly path: string;
  /** Is it one of the tokens that an event is read for? */
  readonly isToken: boolean;
}

/**
 * Returns the first field of an event in which a card number stands, documented or not, at any depth, as value or as name;
 * undefined for none. Tokens of a format that the source has registered are none.
 *
 * @param isPlain says that the event is ASCII without escapes, where no short string can become a long number.
 */
export function fieldWithCardNumber(
  event: { readonly [name: string]: unknown },
  { tokenFormats }: Pick<Source, 'tokenFormats'>,
  isPlain: boolean,
): CardField | undefined {
  const lengthMin = isPlain ? CARD_DIGITS_MIN : 1;
  for (const name in event) {
    if (name === 'time' || name === 'source' || name === 'type') continue; // checked by schema and registry
    const member = event[name];
    const found = hasCardMember(name, member, lengthMin) ? findIn([name], member, tokenFormats) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Nearly every event ends here, so it pays for no path, no list of members and no look at a string that is too short. */
function hasCardMember(name: string, member: unknown, lengthMin: number): boolean {
  if (name.length >= lengthMin && hasCardNumber(name)) return true;
  if (typeof member === 'string') return member.length >= lengthMin && hasCardNumber(member);
  if (typeof member === 'number') return isCardNumeral(member);
  if (typeof member !== 'object' || member === null) return false;
  if (Array.isArray(member) && isSplitCardNumber(member)) return true;
  for (const inner in member) {
    if (hasCardMember(inner, member[inner as keyof typeof member], lengthMin)) return true;
  }
  return false;
}

function findIn(names: readonly string[], value: unknown, formats: Source['tokenFormats']): CardField | undefined {
  const token = tokenAt(names);
  const field = { path: fieldPath(names), isToken: token !== undefined };
  if (hasCardNumber(names.at(-1) ?? '')) return { ...field, isToken: false };
  if (typeof value === 'string') {
    const isOfFormat = token !== undefined && formats[token]?.test(value) === true;
    return hasCardNumber(value) && !isOfFormat ? field : undefined;
  }
  if (typeof value === 'number') return isCardNumeral(value) && !isAmount(names) ? field : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && isSplitCardNumber(value)) return { ...field, isToken: false };
  for (const [name, member] of Object.entries(value)) {
    const found = findIn([...names, name], member, formats);
    if (found !== undefined) return found;
  }
  return undefined;
}
