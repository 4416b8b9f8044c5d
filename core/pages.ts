/** Where a page begins; without a cursor, at the beginning of the list. */
export interface ReadFrom<Cursor> {
  readonly cursor?: Cursor;
}

/**
 * Reads a list page by page. It reads a page only when its consumer asks for it, so a consumer that stops early costs no
 * further read.
 *
 * @param read answers with the cursor of the page after it, or without one on the last page.
 * @param pagesMax bounds a list that grows while it is read, or of which one run takes a part.
 */
export async function* pages<Page extends { readonly cursor?: Cursor | undefined }, Cursor = string>(
  read: (from: ReadFrom<Cursor>) => Promise<Page>,
  pagesMax: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Page> {
  let from: ReadFrom<Cursor> = {};
  for (let count = 0; count < pagesMax; count++) {
    const page = await read(from);
    yield page;
    if (page.cursor === undefined) return;
    from = { cursor: page.cursor };
  }
}
