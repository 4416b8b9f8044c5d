import { hasCardNumber } from './find-card-numbers.ts';
import type { TokenField } from './payment-event.ts';
import type { Source } from './source.ts';

/** Under which names a request gives tokens, and which token of an event each is; without one, no format can allow it. */
const TYPED: ReadonlyMap<string, TokenField | undefined> = new Map([
  ['merchant', 'merchant'],
  ['payer', 'payer'],
  ['order', 'order'],
  ['charge', 'chargeId'],
  ['source', undefined],
  ['detector', undefined],
]);

/** What a caller types where a token belongs. */
const CARD_NUMBER = 'must not have a card number; name the charge, or register the format of the token';

/**
 * Returns what is wrong with the tokens of a request: the path of each that has a card number, and no value. A token of a format
 * that some source has registered for it passes.
 */
export function cardNumberProblems(
  request: unknown,
  { sources }: { readonly sources: readonly Pick<Source, 'tokenFormats'>[] },
  path: readonly string[] = [],
): readonly string[] {
  if (typeof request !== 'object' || request === null) return [];
  return Object.entries(request).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'string') return cardNumberProblems(value, { sources }, [...path, name]);
    if (!TYPED.has(name) || !hasCardNumber(value)) return [];
    const field = TYPED.get(name);
    const isRegistered = field !== undefined && sources.some(({ tokenFormats }) => tokenFormats[field]?.test(value));
    return isRegistered ? [] : [`${[...path, name].join('.')}: ${CARD_NUMBER}`];
  });
}
