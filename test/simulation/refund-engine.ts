import type { ReasonToWait } from '../../core/cases/flag.ts';
import { type AssessContext, assess } from '../../core/refunds/assess.ts';
import type { Attempt } from '../../core/refunds/attempt.ts';
import { type ClaimContext, claim } from '../../core/refunds/claim.ts';
import { type HoldContext, hold } from '../../core/refunds/hold.ts';
import { record } from '../../core/refunds/record.ts';
import { type ReverseContext, reverse } from '../../core/refunds/reverse.ts';
import type { Workflows } from '../../core/refunds/workflows.ts';
import type { Random } from '../../scenario/random.ts';
import { SECOND } from '../fixtures/charges.ts';
import type { Run, Scheduler } from './scheduler.ts';

export interface EngineWorld {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly contextOf: (run: Run) => EngineContext;
}

/** What the workflow's tasks work with. */
export type EngineContext = AssessContext & HoldContext & ClaimContext & ReverseContext;

type State = Attempt & {
  readonly next: string;
  readonly waitsFor?: readonly ReasonToWait[];
  readonly waitSeconds?: number;
  readonly asked?: number;
  readonly outcome?: Parameters<typeof record>[0]['outcome'];
};

/** Executions as Step Functions runs them: one for each name, durable; each task is tried until it answers. */
export class RefundEngine implements Workflows {
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  readonly #world: EngineWorld;
  #tokens = 0;

  constructor(world: EngineWorld) {
    this.#world = world;
  }

  async start({ flagId, attempt, graceMs, round = 0 }: Parameters<Workflows['start']>[0]) {
    const name = `${flagId}-${attempt}-${round}`;
    if (this.#names.has(name)) return 'already-started' as const;
    this.#names.add(name);
    void this.#run({ flagId, attempt }, graceMs);
    return 'started' as const;
  }

  async wake(token: string): Promise<'woken' | 'gone'> {
    const go = this.#waiting.get(token);
    this.#waiting.delete(token);
    go?.();
    return go === undefined ? 'gone' : 'woken';
  }

  async #run(attempt: Attempt, graceMs: number): Promise<void> {
    const { scheduler } = this.#world;
    await scheduler.sleep(graceMs);
    let state: State = { ...attempt, next: 'assess' };
    while (state.next !== 'end') state = await this.#perform(state);
  }

  async #perform(state: State): Promise<State> {
    const { scheduler } = this.#world;
    switch (state.next) {
      case 'assess':
        return this.#task('assess', (context) => assess(state, context));
      case 'hold': {
        await this.#hold(state);
        return { ...state, next: 'assess' };
      }
      case 'claim':
        return this.#task('claim', (context) => claim(state, context));
      case 'reverse':
        return this.#task('reverse', (context) => reverse(state, context));
      case 'level':
        await scheduler.sleep((state.waitSeconds ?? 0) * SECOND);
        return { ...state, next: 'assess' };
      case 'ask':
        await scheduler.sleep((state.waitSeconds ?? 0) * SECOND);
        return { ...state, next: 'reverse' };
      case 'record': {
        const { outcome } = state;
        if (outcome === undefined) throw new Error('record without an outcome');
        return this.#task('record', async (context) => {
          await record({ ...state, outcome }, context);
          return { ...state, next: 'end' };
        });
      }
      default:
        throw new Error(`unknown step ${state.next}`);
    }
  }

  /** The task is given a token anew at each try; only the newest one is waited for. */
  async #hold(state: State): Promise<void> {
    await this.#task('hold', async (context, run) => {
      const token = `token ${++this.#tokens}`;
      const woken = new Promise<void>((resolve) => this.#waiting.set(token, resolve));
      await hold({ ...state, waitsFor: state.waitsFor ?? [], token }, context);
      return { token, woken, run };
    }).then(({ woken }) => woken);
  }

  async #task<Answer>(name: string, work: (context: EngineContext, run: Run) => Promise<Answer>): Promise<Answer> {
    const { scheduler, random, contextOf } = this.#world;
    for (;;) {
      try {
        return await scheduler.invoke(name, (run) => work(contextOf(run), run));
      } catch {
        // Mostly soon; now and then so late that a claim has grown old.
        await scheduler.sleep(random.pick([1, 2, 4, 30, 600]) * SECOND);
      }
    }
  }
}
