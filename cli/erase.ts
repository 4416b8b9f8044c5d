import type { PayerSearch } from '../adapters/dynamodb/payer-search.ts';
import type { CaseId, FlagId } from '../core/brands.ts';
import type { CaseContext } from '../core/cases/change-flag.ts';
import { type Erasure, erasePayerFrom } from '../core/cases/erase-payer.ts';
import { isUnresolved } from '../core/cases/flag.ts';
import { nextVersion } from '../core/detection/charge-record.ts';
import type { NamespaceOf } from '../core/detection/fingerprint.ts';
import type { RecordStore } from '../core/detection/record-store.ts';
import { namesPayer, withoutPayer } from '../core/events/erased-payer.ts';
import { contentionLost } from '../core/fault.ts';

/** An object that names the payer. */
export interface NamingObject {
  readonly place: 'quarantine' | 'dead letters';
  readonly key: string;
  /** An operator has to decide about it first: its event was never judged. */
  readonly isUndecided: boolean;
}

/** The objects that may name a payer. */
export interface ErasableObjects {
  objectsNaming(payer: string, isTheirs: (source: string) => boolean): AsyncIterable<NamingObject>;
  /** Deletes an object with its versions. */
  deleteObject(object: NamingObject): Promise<void>;
}

export interface EraseContext extends CaseContext {
  readonly search: PayerSearch;
  readonly records: Pick<RecordStore, 'readRecords' | 'replaceRecord'>;
  readonly namespaceOf: NamespaceOf;
  readonly objects: ErasableObjects;
}

/** Whose token: it means this payer in the namespace of the source alone. */
export interface Payer {
  readonly payer: string;
  readonly source: string;
}

export interface Found {
  readonly flags: readonly FlagId[];
  readonly records: readonly FlagId[];
  readonly objects: readonly NamingObject[];
  /** What stops an erasure, for operators: no line has the token. */
  readonly obstacles: readonly string[];
}

/** Another worker changes a charge a few times in its life. */
const TRIES_MAX = 20;

/** Finds all that names the payer, and what stops an erasure. It reads two tables and two buckets, and writes nothing. */
export async function findPayer({ payer, source }: Payer, context: EraseContext): Promise<Found> {
  const namespace = context.namespaceOf(source);
  const isTheirs = (of: string) => context.namespaceOf(of) === namespace;
  const flags: FlagId[] = [];
  const theirs = new Set<CaseId>();
  const running = new Set<CaseId>();
  for await (const flag of context.search.flagsWith(payer)) {
    if (!isTheirs(flag.charge.source)) continue;
    flags.push(flag.id);
    theirs.add(flag.caseId);
    if (isUnresolved(flag)) running.add(flag.caseId);
  }
  const records: FlagId[] = [];
  const claimed: string[] = [];
  for await (const id of context.search.recordsWith(payer)) {
    const [found] = await context.records.readRecords([id], context.nowMs());
    const record = found?.record;
    if (record === undefined || !isTheirs(record.source) || !namesPayer(record, payer)) continue;
    records.push(id);
    if (record.ours?.state === 'claimed') claimed.push(id);
  }
  const objects: NamingObject[] = [];
  for await (const object of context.objects.objectsNaming(payer, isTheirs)) objects.push(object);
  const held = await underLegalHold(theirs, context);
  const undecided = objects.filter(({ isUndecided }) => isUndecided);
  const obstacles = [
    ...[...running].sort().map((id) => `case ${id} is not resolved: decide about its refunds first`),
    ...held.map((id) => `case ${id} is under legal hold: an admin must release it first`),
    ...claimed.map((id) => `a refund of the charge of flag ${id} is running: wait for its end`),
    ...undecided.map(({ place, key }) =>
      place === 'quarantine'
        ? `${key} waits in quarantine: repair or discard it first (onecharge quarantine)`
        : `${key} is a dead letter: put it back first (onecharge redrive)`,
    ),
  ];
  return { flags, records, objects, obstacles };
}

async function underLegalHold(ids: ReadonlySet<CaseId>, { cases }: EraseContext): Promise<readonly CaseId[]> {
  const held: CaseId[] = [];
  for (const id of [...ids].sort()) {
    if ((await cases.readCase(id))?.legalHold !== undefined) held.push(id);
  }
  return held;
}

/** What an erasure has changed, and what it had to leave. */
export interface Erased {
  readonly flags: number;
  readonly records: number;
  readonly objects: number;
  /** Flags and records with a refund that began meanwhile. */
  readonly left: number;
}

/**
 * Puts the placeholder in the payer's place, one item after the other: flags with their audit entry, then records, then
 * objects. A run that was cut off has done some of it, and the next one finds the rest; a repetition finds nothing.
 */
export async function erasePayer(found: Found, erasure: Erasure, context: EraseContext): Promise<Erased> {
  let [flags, records, left] = [0, 0, 0];
  for (const id of found.flags) {
    const outcome = await erasePayerFrom(id, erasure, context);
    if (outcome === 'erased') flags++;
    if (outcome === 'left') left++;
  }
  for (const id of found.records) {
    const outcome = await eraseFromRecord(id, erasure, context);
    if (outcome === 'erased') records++;
    if (outcome === 'left') left++;
  }
  for (const object of found.objects) await context.objects.deleteObject(object);
  return { flags, records, objects: found.objects.length, left };
}

/** The record lives no longer for it: an erasure is no news of the charge. */
async function eraseFromRecord(
  id: FlagId,
  { payer, placeholder }: Erasure,
  { records, nowMs }: EraseContext,
): Promise<'erased' | 'left' | 'unchanged'> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const [found] = await records.readRecords([id], nowMs());
    const record = found?.record;
    if (found === undefined || record === undefined || !namesPayer(record, payer)) return 'unchanged';
    if (record.ours?.state === 'claimed') return 'left';
    const erased = withoutPayer(record, payer, placeholder);
    const next = { ...erased, version: nextVersion(record.version, nowMs()) };
    if ((await records.replaceRecord(next, found.version)) === 'replaced') return 'erased';
  }
  throw contentionLost('one charge record', TRIES_MAX);
}
