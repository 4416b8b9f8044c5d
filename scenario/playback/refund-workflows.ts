import { type AssessContext, assess } from '../../core/refunds/assess.ts';
import type { Attempt, Waiting } from '../../core/refunds/attempt.ts';
import { type ClaimContext, claim } from '../../core/refunds/claim.ts';
import { type HoldContext, hold } from '../../core/refunds/hold.ts';
import { record } from '../../core/refunds/record.ts';
import { type ReverseContext, reverse } from '../../core/refunds/reverse.ts';
import type { Workflows } from '../../core/refunds/workflows.ts';
import type { Agenda } from './agenda.ts';

const SECOND_MS = 1_000;

export type StepsContext = AssessContext & Omit<HoldContext, 'wake'> & ClaimContext & ReverseContext;

/** Runs refund workflows on the virtual clock, step by step as the state machine does (lib/refund-machine.ts). */
export class RefundWorkflows implements Workflows {
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, Attempt>();
  readonly #agenda: Agenda;
  readonly #context: StepsContext;
  #tokens = 0;

  constructor(agenda: Agenda, context: StepsContext) {
    this.#agenda = agenda;
    this.#context = context;
  }

  async start({ flagId, attempt, graceMs, round = 0 }: Parameters<Workflows['start']>[0]) {
    const name = `${flagId}-${attempt}-${round}`;
    if (this.#names.has(name)) return 'already-started';
    this.#names.add(name);
    this.#agenda.add(this.#agenda.nowMs() + graceMs, () => this.#assess({ flagId, attempt }));
    return 'started';
  }

  async wake(token: string) {
    const attempt = this.#waiting.get(token);
    if (attempt === undefined) return 'gone';
    this.#waiting.delete(token);
    this.#agenda.add(this.#agenda.nowMs(), () => this.#assess(attempt));
    return 'woken';
  }

  async #assess({ flagId, attempt }: Attempt): Promise<void> {
    const assessed = await assess({ flagId, attempt }, this.#context);
    const next = assessed.next === 'claim' ? await claim({ flagId, attempt }, this.#context) : assessed;
    if (next.next === 'hold') await this.#hold({ flagId, attempt }, next);
    if (next.next === 'level') {
      const levelMs = this.#agenda.nowMs() + next.waitSeconds * SECOND_MS;
      this.#agenda.add(levelMs, () => this.#assess({ flagId, attempt }));
    }
    if (next.next === 'reverse') await this.#reverse({ flagId, attempt }, 0);
  }

  async #hold(attempt: Attempt, { waitsFor, unconfirmed, silent }: Waiting): Promise<void> {
    const token = `token ${++this.#tokens}`;
    this.#waiting.set(token, attempt);
    const why = { ...(unconfirmed !== undefined && { unconfirmed }), ...(silent !== undefined && { silent }) };
    const waiting = { waitsFor, ...why };
    await hold({ ...attempt, ...waiting, token }, { ...this.#context, wake: (woken) => this.wake(woken) });
  }

  async #reverse(attempt: Attempt, asked: number): Promise<void> {
    const reversed = await reverse({ ...attempt, asked }, this.#context);
    if (reversed.next === 'record') await record(reversed, this.#context);
    if (reversed.next !== 'ask') return;
    const againMs = this.#agenda.nowMs() + reversed.waitSeconds * SECOND_MS;
    this.#agenda.add(againMs, () => this.#reverse(attempt, reversed.asked));
  }
}
