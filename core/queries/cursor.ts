import type { PlainDigests } from '../detection/fingerprint.ts';

/** What a cursor's text is made of; it changes when the places of a list are written in another way. */
const VERSION = '2';
/** So many digits of its hash tell a query from others. */
const DIGITS = 12;
const POSITION = /^((?:[01]|\d{3})#)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{32}$/;

/** A position in a list as the outside sees it: opaque, and good for the query that it came from alone. */
export function encodeCursor(position: string, query: unknown, digests: Pick<PlainDigests, 'hash256'>): string {
  return btoa(`${VERSION} ${nameOf(query, digests)} ${position}`)
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');
}

/** The place; undefined when the cursor is none of this query's, or of a version that this code does not know. */
export function decodeCursor(
  cursor: string,
  query: unknown,
  digests: Pick<PlainDigests, 'hash256'>,
): string | undefined {
  let text: string;
  try {
    text = atob(cursor.replace(/-/g, '+').replace(/_/g, '/'));
  } catch {
    return undefined;
  }
  const words = text.split(' ');
  // Cursors of version 1 had no version before the query's name.
  const [version, name, position = ''] = words.length === 2 ? [VERSION, ...words] : words;
  return version === VERSION && name === nameOf(query, digests) && POSITION.test(position) ? position : undefined;
}

function nameOf(query: unknown, { hash256 }: Pick<PlainDigests, 'hash256'>): string {
  return hash256(JSON.stringify(query)).slice(0, DIGITS);
}
