import { useState } from 'react';

/** How far somebody has turned the pages of one list: the cursor of each page after the first. */
interface ListPosition {
  readonly cursors: readonly string[];
  /** From 0. */
  readonly page: number;
}

/** One tab's positions, by what is listed: who comes back from a case finds the page that was left. */
const positions = new Map<string, ListPosition>();
const START: ListPosition = { cursors: [], page: 0 };
let newest = '/cases';

/** The list as it was shown last: where a case leads back to. */
export function newestList(): string {
  return newest;
}

export function useListPosition(address: string, pageSize: number) {
  newest = address;
  const listed = `${pageSize} ${address}`;
  const [, redraw] = useState(0);
  const position = positions.get(listed) ?? START;
  const move = (next: ListPosition) => {
    positions.set(listed, next);
    redraw((count) => count + 1);
  };
  return {
    page: position.page,
    pagesKnown: position.cursors.length + 1,
    cursor: position.page === 0 ? undefined : position.cursors[position.page - 1],
    /** Turns to a page that is known, or to the first that is not. */
    turnTo: (page: number, nextCursor: string | undefined) => {
      if (page <= position.cursors.length) return move({ ...position, page });
      if (nextCursor !== undefined) move({ cursors: [...position.cursors, nextCursor], page });
    },
  };
}
