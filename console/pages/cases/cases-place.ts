import { useState } from 'react';

/** How far somebody has turned the pages of one list: the cursor of each page after the first. */
interface Place {
  readonly cursors: readonly string[];
  /** From 0. */
  readonly page: number;
}

/** One tab's places, by what is listed: who comes back from a case finds the page that was left. */
const places = new Map<string, Place>();
const START: Place = { cursors: [], page: 0 };
let newest = '/cases';

/** The list as it was shown last: where a case leads back to. */
export function newestList(): string {
  return newest;
}

export function useCasesPlace(address: string, pageSize: number) {
  newest = address;
  const listed = `${pageSize} ${address}`;
  const [, redraw] = useState(0);
  const place = places.get(listed) ?? START;
  const move = (next: Place) => {
    places.set(listed, next);
    redraw((count) => count + 1);
  };
  return {
    page: place.page,
    pagesKnown: place.cursors.length + 1,
    cursor: place.page === 0 ? undefined : place.cursors[place.page - 1],
    /** Turns to a page that is known, or to the first that is not. */
    turnTo: (page: number, nextCursor: string | undefined) => {
      if (page <= place.cursors.length) return move({ ...place, page });
      if (nextCursor !== undefined) move({ cursors: [...place.cursors, nextCursor], page });
    },
  };
}
