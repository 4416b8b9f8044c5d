import { setTimeout as sleep } from 'node:timers/promises';

interface Bounds {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** A grace period and the streams' own polling take one minute; a machine whose cores are all busy makes ten of it. */
const WITHIN_MS = 600_000;
const EVERY_MS = 700;

/** Reads again and again until there is an answer; says what was waited for when there is none in time. */
export async function eventually<Answer>(
  what: string,
  read: () => Promise<Answer | undefined>,
  { withinMs = WITHIN_MS, everyMs = EVERY_MS }: Bounds = {},
): Promise<Answer> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await read();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await sleep(everyMs);
  }
}
