import type { Random } from '../../scenario/random.ts';

/** One run of a function, as Lambda runs it: it may die between any two awaits, or be given up while it still runs. */
export interface Run {
  readonly name: string;
  isDead: boolean;
  /** Tells whoever waits for the run that there will be no answer. */
  readonly giveUp: (reason: string) => void;
}

interface Waiting {
  readonly run: Run | undefined;
  readonly go: () => void;
  readonly atMs: number;
}

/** How often time passes although somebody could go on: slow machines, long pauses. */
const PAUSE_CHANCE = 0.01;

/**
 * Decides by chance, and by the seed alone, which of all pending awaits goes on next. Time is virtual: it passes when
 * nobody can go on, and now and then when somebody could.
 */
export class Scheduler {
  #nowMs: number;
  #ready: Waiting[] = [];
  #timers: Waiting[] = [];
  steps = 0;
  /** How long, in all, those who could go on have waited for nothing. */
  pausedMs = 0;
  readonly #random: Random;

  constructor(random: Random, startMs: number) {
    this.#random = random;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** A place where others may come in between. A dead run never gets any further. */
  point(run?: Run): Promise<void> {
    return new Promise((go) => {
      if (!run?.isDead) this.#ready.push({ run, go, atMs: this.#nowMs });
    });
  }

  sleep(ms: number, run?: Run): Promise<void> {
    return new Promise((go) => {
      if (!run?.isDead) this.#timers.push({ run, go, atMs: this.#nowMs + Math.max(0, ms) });
    });
  }

  /** Runs a function until it answers, dies or is given up. After `giveUp` it may go on behind the caller's back. */
  invoke<Answer>(name: string, work: (run: Run) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const run: Run = { name, isDead: false, giveUp: (reason) => reject(new Error(`${name}: ${reason}`)) };
      work(run).then(resolve, reject);
    });
  }

  /** Lets one await go on, and everything that follows from it. False when nothing is pending any more. */
  async step(): Promise<boolean> {
    this.#ready = this.#ready.filter(({ run }) => !run?.isDead);
    this.#timers = this.#timers.filter(({ run }) => !run?.isDead);
    if (this.#ready.length === 0 && this.#timers.length === 0) return false;
    const isPause = this.#timers.length > 0 && (this.#ready.length === 0 || this.#random.chance(PAUSE_CHANCE));
    const next = isPause ? this.#takeEarliest() : this.#takeAny();
    const nowMs = Math.max(this.#nowMs, next?.atMs ?? 0);
    if (this.#ready.length > 0) this.pausedMs += nowMs - this.#nowMs;
    this.#nowMs = nowMs;
    next?.go();
    this.steps++;
    // All microtasks that the awaited promise sets free run before the next macrotask.
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  #takeAny(): Waiting | undefined {
    return this.#ready.splice(this.#random.integer(0, this.#ready.length - 1), 1)[0];
  }

  #takeEarliest(): Waiting | undefined {
    const earliest = this.#timers.reduce(
      (best, { atMs }, at) => (atMs < (this.#timers[best]?.atMs ?? 0) ? at : best),
      0,
    );
    return this.#timers.splice(earliest, 1)[0];
  }
}
