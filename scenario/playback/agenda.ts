import type { Ms } from '../../core/brands.ts';

interface Due {
  readonly atMs: Ms;
  readonly act: () => Promise<unknown>;
}

/** A virtual clock and what is due on it. Acts of one time run in the order in which they were added. */
export class Agenda {
  #nowMs: Ms;
  /** The latest act first, so that the next one is taken from the end. */
  readonly #due: Due[] = [];

  constructor(startMs: Ms) {
    this.#nowMs = startMs;
  }

  nowMs(): Ms {
    return this.#nowMs;
  }

  /** Returns when the next act is due; undefined when none is. */
  nextMs(): Ms | undefined {
    return this.#due.at(-1)?.atMs;
  }

  /** Adds an act. What is due in the past runs now. */
  add(atMs: Ms, act: () => Promise<unknown>): void {
    const due = { atMs: Math.max(atMs, this.#nowMs), act };
    let [low, high] = [0, this.#due.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#due[middle]!.atMs > due.atMs)
        low = middle + 1; // `middle` is below the length
      else high = middle;
    }
    this.#due.splice(low, 0, due);
  }

  /** Moves the clock to the next act and runs it to its end. */
  async runNext(): Promise<void> {
    const next = this.#due.pop();
    if (next === undefined) return;
    this.#nowMs = next.atMs;
    await next.act();
  }

  /** Moves the clock; never back. */
  advanceTo(ms: Ms): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}
