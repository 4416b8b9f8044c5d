/** A trailing number of one or two digits behind a separator, after at least four characters. */
const RETRY_SUFFIX = /^(?<order>.{4,})[-_./#]\d{1,2}$/u;
const LEADING_ZEROS = /^0+(?=\d+$)/;

/**
 * What makes two spellings of one token equal, by name. The version is part of a detector's notion: a function that comes
 * to answer otherwise gets the next one, and detectors that use it need a new id.
 */
const FUNCTIONS = {
  /** Without spaces at both ends. */
  trim: { version: 1, apply: (token: string) => token.trim() },
  /** In lower case, by Unicode's own table and no language's. */
  case: { version: 1, apply: (token: string) => token.toLowerCase() },
  /** A number without the zeros before it; other tokens as they are. */
  'leading-zeros': { version: 1, apply: (token: string) => token.replace(LEADING_ZEROS, '') },
  /** `OF-8KQ2_1` is `OF-8KQ2`. What has no digit before the suffix (`chk-4`) is a number of its own. */
  'retry-suffix': { version: 1, apply: withoutRetrySuffix },
} as const;

export type Normaliser = keyof typeof FUNCTIONS;
export const NORMALISERS = ['trim', 'case', 'leading-zeros', 'retry-suffix'] as const satisfies readonly Normaliser[];

/** Applies the functions in the order given. */
export function normalised(token: string, functions: readonly Normaliser[] = []): string {
  let text = token;
  for (const name of functions) text = FUNCTIONS[name].apply(text);
  return text;
}

/** Returns a function's name and version as one text, which a detector's notion holds. */
export function versionOf(name: Normaliser): string {
  return `${name}@${FUNCTIONS[name].version}`;
}

function withoutRetrySuffix(token: string): string {
  const order = RETRY_SUFFIX.exec(token)?.groups?.order;
  return order !== undefined && /\d/.test(order) ? order : token;
}
