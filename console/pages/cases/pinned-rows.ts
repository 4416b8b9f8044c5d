interface Row {
  readonly id: string;
}

export interface PinnedRows<R extends Row> {
  readonly rows: readonly R[];
  /** Rows that a fresh look found and that are not shown, for they would move those that are. */
  readonly waiting: number;
}

/**
 * What a fresh look changes in a list that somebody reads: each row is as it is now, and none moves. Rows that only come
 * after the ones that are shown are shown at once; others wait until the reader asks for them.
 */
export function pinRows<R extends Row>(shown: readonly R[], fresh: readonly R[]): PinnedRows<R> {
  if (shown.every(({ id }, at) => fresh[at]?.id === id)) return { rows: fresh, waiting: 0 };
  const freshById = new Map(fresh.map((row) => [row.id, row]));
  const shownIds = new Set(shown.map(({ id }) => id));
  return {
    rows: shown.map((row) => freshById.get(row.id) ?? row),
    waiting: fresh.filter(({ id }) => !shownIds.has(id)).length,
  };
}
