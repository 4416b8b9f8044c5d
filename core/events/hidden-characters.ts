import { CHARGE_TOKENS } from './payment-event.ts';

/**
 * Characters that show nothing or turn what is around them: controls (C0, DELETE, C1 with U+0085), bidirectional marks,
 * embeddings, overrides and isolates, and the separators of lines and paragraphs. Two tokens that look alike in a console, a
 * log or a CSV file must be alike.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

interface Wire {
  readonly id: string;
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Returns the path of the first token with such a character; undefined for none. What is blank is no token. */
export function tokenWithHiddenCharacter({ id, source, data }: Wire): string | undefined {
  if (HIDDEN.test(id)) return 'id';
  if (HIDDEN.test(source)) return 'source';
  const field = CHARGE_TOKENS.find((name) => isHiding(data[name]));
  return field === undefined ? undefined : `data.${field}`;
}

function isHiding(token: unknown): boolean {
  return typeof token === 'string' && token.trim() !== '' && HIDDEN.test(token);
}
