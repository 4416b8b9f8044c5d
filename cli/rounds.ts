/** Requests at once; bounds memory and open connections. */
const PARALLEL = 8;

/** Yields the items in lists of at most `size`. */
export async function* inRounds<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let round: Item[] = [];
  for await (const item of items) {
    round.push(item);
    if (round.length < size) continue;
    yield round;
    round = [];
  }
  if (round.length > 0) yield round;
}

/** Acts on each item, on a few at a time. Rejects with the first failure, after the others of its group have begun. */
export async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += PARALLEL) await Promise.all(items.slice(at, at + PARALLEL).map(act));
}
