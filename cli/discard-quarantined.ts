import type { Ms } from '../core/brands.ts';
import { iso } from '../core/clock-units.ts';
import type { QuarantineIndex } from '../core/redrive/quarantine-index.ts';
import { type QuarantinedItem, recordsIn } from '../core/redrive/quarantined-item.ts';
import { inParallel, inRounds } from './rounds.ts';

export interface DiscardContext {
  readonly index: Pick<QuarantineIndex, 'markDiscarded'>;
  readonly nowMs: () => Ms;
  readonly by: string;
  readonly reason: string;
}

export interface Discarded {
  readonly discarded: number;
  /** Those that another operator decided meanwhile. */
  readonly left: number;
}

/** Records that are held in memory at once. */
const ROUND = 100;

/**
 * Ends records without an event. Each keeps its object, its place in the list of discarded ones, and a
 * line of who and why. A run that is cut off has discarded some of them; the next one goes on.
 */
export async function discardAll(
  items: AsyncIterable<QuarantinedItem>,
  { index, nowMs, by, reason }: DiscardContext,
): Promise<Discarded> {
  let [discarded, left] = [0, 0];
  for await (const round of inRounds(items, ROUND)) {
    await inParallel(round, async (item) => {
      const isDone = await index.markDiscarded(item.id, { what: 'discarded', at: iso(nowMs()), by, reason });
      if (isDone) discarded += recordsIn(item);
      else left += recordsIn(item);
    });
  }
  return { discarded, left };
}
