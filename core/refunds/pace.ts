import type { Ms } from '../brands.ts';
import type { Sleep } from '../retry.ts';
import type { Workflows } from './workflows.ts';

/** Waits for one's turn; turns of one pace are evenly apart, however many ask at once. */
export type Pace = () => Promise<void>;

/** Turns never pile up: after a quiet hour the first two are as far apart as any. */
export function createPace({
  perSecond,
  nowMs,
  sleep,
}: {
  readonly perSecond: number;
  readonly nowMs: () => Ms;
  readonly sleep: Sleep;
}): Pace {
  const apartMs = 1_000 / perSecond;
  let nextMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const askedMs = nowMs();
    const startMs = Math.max(askedMs, nextMs);
    // Taken before it is waited for: nobody else gets the same turn.
    nextMs = startMs + apartMs;
    if (startMs > askedMs) await sleep(startMs - askedMs);
  };
}

/** The workflows, each call of which takes a turn: starting and waking both cost state transitions. */
export function paced({ start, wake }: Workflows, pace: Pace): Workflows {
  return {
    start: async (attempt) => {
      await pace();
      return start(attempt);
    },
    wake: async (token) => {
      await pace();
      return wake(token);
    },
  };
}
