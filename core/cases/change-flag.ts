import type { FlagId, Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { contentionLost } from '../fault.ts';
import { backoffMs, type Random, type Sleep } from '../retry.ts';
import { type FlagChange, withChanges } from './case.ts';
import type { CaseStore } from './case-store.ts';
import type { Flag } from './flag.ts';

export interface CaseContext {
  readonly cases: Pick<CaseStore, 'readFlags' | 'readCase' | 'commit'>;
  readonly digests: Pick<PlainDigests, 'hash256'>;
  readonly nowMs: () => Ms;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** A DynamoDB transaction holds 100 items: a flag and an audit entry for each change, and the case. */
const CHANGES_PER_COMMIT = 48;
/** A case has at most some hundred flags, changed by a few workers at once. */
const CONTENTION = { triesMax: 40, baseMs: 10, capMs: 500 };

type Changes = readonly FlagChange[];
type Decide = (flags: readonly (Flag | undefined)[]) => Changes | Promise<Changes>;

export interface FlagsChanged {
  /** As they are afterwards. */
  readonly flags: readonly (Flag | undefined)[];
  /** The changes that this call wrote, in order. What another writer wrote first is missing. */
  readonly committed: readonly FlagChange[];
}

/**
 * Reads flags, lets `decide` say what changes, and commits on the versions that were read; reads and decides again when
 * somebody else was first. `decide` must be a function of the flags alone, and answer nothing when all is as it should be:
 * then a repetition is harmless. It must not assign outer variables: a decision that loses its race was never written.
 *
 * @returns the flags as they are afterwards.
 */
export async function changeFlags(
  ids: readonly FlagId[],
  decide: Decide,
  context: CaseContext,
): Promise<readonly (Flag | undefined)[]> {
  return (await commitFlagChanges(ids, decide, context)).flags;
}

/** Changes flags as `changeFlags` does, and also returns which changes this call wrote. */
export async function commitFlagChanges(
  ids: readonly FlagId[],
  decide: Decide,
  context: CaseContext,
): Promise<FlagsChanged> {
  const committed: FlagChange[] = [];
  for (let lost = 0; lost < CONTENTION.triesMax; ) {
    const flags = await context.cases.readFlags(ids);
    const changes = await decide(flags);
    const caseId = changes[0]?.after.caseId;
    if (caseId === undefined) return { flags, committed };
    const known = await context.cases.readCase(caseId);
    const next = changes.filter(({ after }) => after.caseId === caseId).slice(0, CHANGES_PER_COMMIT);
    // What was committed is no longer decided, so every try either succeeds or has lost a race.
    const outcome = await context.cases.commit(withChanges(known, next, context.digests));
    if (outcome === 'committed') committed.push(...next);
    else await context.sleep(backoffMs(lost++, CONTENTION, context.random));
  }
  throw contentionLost(`the case of flag ${ids[0]}`, CONTENTION.triesMax);
}
