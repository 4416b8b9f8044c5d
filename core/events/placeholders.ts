/**
 * What stands where a value is missing, in any case. Each has a well-known writer:
 * - `0`: a guest's customer id in shops that number their customers; it stands for every run of zeros, the nil UUID included
 * - `-`: an empty cell of a printed table; it stands for every run of hyphens
 * - `na`, `n/a`: forms; `#n/a`: spreadsheets
 * - `none`, `null`, `nan`, `undefined`: what Python, SQL and Java, data frames and JavaScript write for nothing
 * - `unknown`, `guest`, `anonymous`: shops, for a customer without an account
 *
 * `test` is none: a charge of a test mode says so by its own fields.
 */
export const DEFAULT_PLACEHOLDERS: readonly string[] = [
  '0',
  '-',
  'na',
  'n/a',
  '#n/a',
  'none',
  'null',
  'nan',
  'undefined',
  'unknown',
  'guest',
  'anonymous',
];

export const PLACEHOLDER_LENGTH_MAX = 40;

const ZEROS = /^0[0-]*$/;
const HYPHENS = /^-+$/;
const [SPACE, DELETE] = [0x20, 0x7f];

/** Returns the test for tokens that stand for a missing value: trimmed and in lower case they are in the list. */
export function placeholderTest(list: readonly string[]): (token: string) => boolean {
  const texts = new Set(list.map((text) => text.trim().toLowerCase()));
  const lengthMax = Math.max(0, ...list.map((text) => text.length));
  const first = new Set([...texts].flatMap((text) => [text.charCodeAt(0), text.toUpperCase().charCodeAt(0)]));
  const [hasZero, hasHyphen] = [texts.has('0'), texts.has('-')];
  return (token) => {
    // Nearly every token differs in its first character already, and detection looks at eight of them an event.
    const code = token.charCodeAt(0);
    if (code > SPACE && code < DELETE && !first.has(code)) return false;
    const text = token.trim();
    if (text.length <= lengthMax && texts.has(text.toLowerCase())) return true;
    return (hasZero && ZEROS.test(text)) || (hasHyphen && HYPHENS.test(text));
  };
}
