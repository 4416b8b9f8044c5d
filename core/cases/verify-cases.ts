import type { CaseId, Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { Fault } from '../fault.ts';
import { allCases } from './all-cases.ts';
import { type AuditEntry, type ChainCheck, verifyChain } from './audit.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';
import type { SealedHeads } from './read-seals.ts';

interface VerifyCaseContext {
  readonly cases: Pick<CaseStore, 'readCase' | 'auditOf'>;
  readonly digests: Pick<PlainDigests, 'hash256'>;
  /** Heads known from elsewhere: with them a chain that was cut or written anew, together with its case, is told. */
  readonly sealed?: SealedHeads | undefined;
  readonly nowMs: () => Ms;
}

export interface VerifyContext extends VerifyCaseContext {
  readonly cases: Pick<CaseStore, 'readCase' | 'auditOf' | 'casesByStatus'>;
}

export interface VerifiedCase {
  readonly caseId: CaseId;
  readonly check: ChainCheck;
}

/** How many cases are read at a time. */
const AT_ONCE = 10;
/** A case changes a few times in its life; one that changes between two reads this often is not seen in practice. */
const READS_MAX = 10;

/**
 * Checks a case's chain, that all of it is this case's, and that it ends where the case says. Names the first broken
 * entry. It cannot see that somebody wrote case and chain anew together: that is what seals are for.
 */
export function checkCase(
  { id, auditLength, auditHead }: Pick<Case, 'id' | 'auditLength' | 'auditHead'>,
  entries: readonly AuditEntry[],
  digests: Pick<PlainDigests, 'hash256'>,
): ChainCheck {
  const chain = verifyChain(entries, digests);
  const foreign = entries.findIndex(({ caseId }) => caseId !== id);
  if (foreign >= 0 && (chain.kind === 'intact' || foreign + 1 < chain.seq)) {
    return { kind: 'broken', seq: foreign + 1, reason: 'belongs to another case' };
  }
  if (chain.kind === 'broken') return chain;
  const { length, head } = chain;
  if (length < auditLength) return { kind: 'broken', seq: length + 1, reason: `entry ${length + 1} is missing` };
  if (length > auditLength) return { kind: 'broken', seq: auditLength + 1, reason: 'is not known to the case' };
  return head === auditHead
    ? chain
    : { kind: 'broken', seq: length, reason: 'is not the head that the case remembers' };
}

/** Checks one case as it is stored; undefined when there is none of this id, and none was sealed, or its time was over. */
export async function verifyCase(id: CaseId, context: VerifyCaseContext): Promise<VerifiedCase | undefined> {
  const known = await context.cases.readCase(id);
  if (known !== undefined) return { caseId: id, check: await checkStored(known, context) };
  const head = context.sealed?.heads.get(id);
  if (head === undefined) return undefined;
  if (head.endsOn !== undefined && head.endsOn <= iso(context.nowMs()).slice(0, 10)) return undefined;
  const reason = `is gone with the whole case: its chain had ${head.length} on ${context.sealed?.day}`;
  return { caseId: id, check: { kind: 'broken', seq: 1, reason } };
}

/** Checks all cases, and those that were sealed and are listed no more. One that changes its status meanwhile may be seen twice. */
export async function* verifyCases(context: VerifyContext): AsyncGenerator<VerifiedCase> {
  const unseen = new Set(context.sealed?.heads.keys());
  for await (const page of allCases(context.cases)) {
    for (let at = 0; at < page.length; at += AT_ONCE) {
      yield* await Promise.all(
        page.slice(at, at + AT_ONCE).map(async (known) => {
          unseen.delete(known.id);
          return { caseId: known.id, check: await checkStored(known, context) };
        }),
      );
    }
  }
  for (const id of unseen) {
    const verified = await verifyCase(id, context);
    if (verified !== undefined) yield verified;
  }
}

/**
 * Case and chain are read one after the other, and what is listed may lag: a chain is broken only when the case is the
 * same before its chain was read and after.
 */
async function checkStored(listed: Case, { cases, digests, sealed }: VerifyCaseContext): Promise<ChainCheck> {
  let known = listed;
  for (let read = 0; read < READS_MAX; read++) {
    const entries = await cases.auditOf(known.id);
    const check = checkCase(known, entries, digests);
    if (check.kind === 'intact') return (sealed && againstSeal(known.id, entries, sealed)) ?? check;
    const now = await cases.readCase(known.id);
    if (now === undefined || now.version === known.version) return check;
    known = now;
  }
  throw new Fault('contention-lost', `case ${known.id} changed during each of ${READS_MAX} reads: verify it again`);
}

/** What a chain that is intact by itself lacks of what was sealed; undefined when it still has all of it. */
function againstSeal(
  caseId: CaseId,
  entries: readonly AuditEntry[],
  { day, heads }: SealedHeads,
): ChainCheck | undefined {
  const sealed = heads.get(caseId);
  if (sealed === undefined || entries[sealed.length - 1]?.hash === sealed.head) return undefined;
  const seq = Math.min(entries.length + 1, sealed.length);
  const reason =
    entries.length < sealed.length
      ? `is missing: the chain had ${sealed.length} entries on ${day}`
      : `is not what was sealed on ${day}: the chain was written anew`;
  return { kind: 'broken', seq, reason };
}
