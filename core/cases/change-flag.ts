import type { Digests } from '../detection/fingerprint.ts';
import { backoffMs, type Random, type Sleep } from '../retry.ts';
import { type FlagChange, withChanges } from './case.ts';
import type { CaseStore } from './case-store.ts';
import type { Flag } from './flag.ts';

export interface CaseContext {
  readonly cases: CaseStore;
  readonly digests: Digests;
  readonly nowMs: () => number;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** A DynamoDB transaction holds 100 items: a flag and an audit entry for each change, and the case. */
const CHANGES_PER_COMMIT = 48;
/** A case has at most some hundred flags, changed by a few workers at once. */
const CONTENTION = { triesMax: 40, baseMs: 10, capMs: 500 };

/**
 * Reads flags, lets `decide` say what changes, and commits on the versions that were read; reads and decides again when
 * somebody else was first. `decide` must be a function of the flags alone, and answer nothing when all is as it should be:
 * then a repetition is harmless.
 *
 * @returns the flags as they are afterwards.
 */
export async function changeFlags(
  ids: readonly string[],
  decide: (flags: readonly (Flag | undefined)[]) => readonly FlagChange[],
  context: CaseContext,
): Promise<readonly (Flag | undefined)[]> {
  for (let lost = 0; lost < CONTENTION.triesMax; ) {
    const flags = await context.cases.readFlags(ids);
    const changes = decide(flags);
    const caseId = changes[0]?.after.caseId;
    if (caseId === undefined) return flags;
    const known = await context.cases.readCase(caseId);
    const next = changes.filter(({ after }) => after.caseId === caseId).slice(0, CHANGES_PER_COMMIT);
    // What was committed is decided no more, so every turn either gets on or has lost a race.
    const outcome = await context.cases.commit(withChanges(known, next, context.digests));
    if (outcome === 'conflict') await context.sleep(backoffMs(lost++, CONTENTION, context.random));
  }
  throw new Error(`lost ${CONTENTION.triesMax} races for the case of flag ${ids[0]}`);
}
