import type { RecordChange } from '../../../core/alerts/notify.ts';
import { asCaseId } from '../../../core/brands.ts';
import { type Case, type FlagChange, withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { act, flag, moved, type Shows } from '../../fixtures/flags.ts';

export interface CaseShows {
  readonly n: number;
  readonly merchant?: string;
  readonly source?: string;
  readonly duplicates?: number;
  readonly currency?: string;
  readonly atMs?: number;
  readonly action?: Flag['action'];
}

/** A case as its records change: it opens with its duplicates, and each is refunded, held or refused in its turn. */
export class CaseHistory {
  readonly #changes: RecordChange[] = [];
  #case: Case | undefined;
  #flags: readonly Flag[];

  constructor(shows: CaseShows) {
    const { n, merchant = 'm_1', source = '/processors/wallet', duplicates = 1, currency = 'CNY' } = shows;
    const original = { source, chargeId: `ch_${n}` };
    this.#flags = Array.from({ length: duplicates }, (_, at) =>
      flag({
        caseId: asCaseId(digests.hash128(`case ${n}`)),
        charge: charge({ chargeId: `ch_${n}_${at}`, merchant, source, currency, amountMinor: 100 + n }),
        original,
        openedAtMs: shows.atMs ?? START_MS,
        updatedAtMs: shows.atMs ?? START_MS,
        action: shows.action ?? 'refund',
      }),
    );
    const opening = act({ atMs: shows.atMs ?? START_MS });
    this.#write(this.#flags.map((after) => ({ before: undefined, after, act: opening })));
  }

  get id(): string {
    return this.#flags[0]?.caseId ?? '';
  }

  /** As it is after all that happened to it. */
  get case(): Case {
    if (this.#case === undefined) throw new Error('opened by the constructor');
    return this.#case;
  }

  get flags(): readonly Flag[] {
    return this.#flags;
  }

  /** What the outbox delivers, oldest first. */
  get changes(): readonly RecordChange[] {
    return this.#changes;
  }

  refund(at: number, atMs = START_MS): this {
    this.change(at, { status: 'refunding', refundMinor: this.#flags[at]?.charge.amountMinor ?? 0 }, atMs);
    return this.change(at, { status: 'refunded' }, atMs);
  }

  change(at: number, change: Shows, atMs = START_MS): this {
    const before = this.#flags[at];
    if (before === undefined) throw new Error(`the case has no flag ${at}`);
    const next = moved(before, change, act({ atMs }));
    this.#flags = this.#flags.map((known, index) => (index === at ? next.after : known));
    this.#write([next]);
    return this;
  }

  #write(changes: readonly FlagChange[]): void {
    const before = this.#case;
    const { case: after } = withChanges(before, changes, digests);
    this.#case = after;
    for (const change of changes) this.#changes.push({ kind: 'flag', before: change.before, after: change.after });
    this.#changes.push({ kind: 'case', before, after });
  }
}

export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, n) => n);
}
