import type { Digests } from '../detection/fingerprint.ts';
import { type AuditEntry, type ChainCheck, verifyChain } from './audit.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';

export interface VerifyContext {
  readonly cases: Pick<CaseStore, 'readCase' | 'auditOf' | 'casesByStatus'>;
  readonly digests: Pick<Digests, 'hash256'>;
}

export interface VerifiedCase {
  readonly caseId: string;
  readonly check: ChainCheck;
}

/** One page of the list, and how many of its cases are read at a time. */
const PAGE = 100;
const AT_ONCE = 10;
/** A case changes a few times in its life; one that changes between two reads this often is not seen in practice. */
const READS_MAX = 10;

/**
 * Checks a case's chain, that all of it is this case's, and that it ends where the case says. Names the first broken
 * entry. It cannot see that somebody wrote case and chain anew together: for that a head must be known from elsewhere.
 */
export function checkCase(
  { id, auditLength, auditHead }: Pick<Case, 'id' | 'auditLength' | 'auditHead'>,
  entries: readonly AuditEntry[],
  digests: Pick<Digests, 'hash256'>,
): ChainCheck {
  const chain = verifyChain(entries, digests);
  const foreign = entries.findIndex(({ caseId }) => caseId !== id);
  if (foreign >= 0 && (chain.kind === 'intact' || foreign + 1 < chain.seq)) {
    return { kind: 'broken', seq: foreign + 1, why: 'belongs to another case' };
  }
  if (chain.kind === 'broken') return chain;
  const { length, head } = chain;
  if (length < auditLength) return { kind: 'broken', seq: length + 1, why: `entry ${length + 1} is missing` };
  if (length > auditLength) return { kind: 'broken', seq: auditLength + 1, why: 'is not known to the case' };
  return head === auditHead ? chain : { kind: 'broken', seq: length, why: 'is not the head that the case remembers' };
}

/** Checks one case as it is stored; undefined when there is none of this id. */
export async function verifyCase(id: string, context: VerifyContext): Promise<VerifiedCase | undefined> {
  const known = await context.cases.readCase(id);
  return known && { caseId: id, check: await checkStored(known, context) };
}

/**
 * Checks all cases, open ones first, since a case is resolved more often than it is opened again. One that changes its
 * status in between may be seen twice, or by the next run only.
 */
export async function* verifyCases(context: VerifyContext): AsyncGenerator<VerifiedCase> {
  for (const status of ['open', 'resolved'] as const) {
    let cursor: string | undefined;
    do {
      const page = await context.cases.casesByStatus(status, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
      for (let at = 0; at < page.items.length; at += AT_ONCE) {
        const group = page.items.slice(at, at + AT_ONCE);
        yield* await Promise.all(
          group.map(async (known) => ({ caseId: known.id, check: await checkStored(known, context) })),
        );
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/**
 * Case and chain are read one after the other, and what is listed may lag: a chain is broken only when the case is the
 * same before its chain was read and after.
 */
async function checkStored(listed: Case, { cases, digests }: VerifyContext): Promise<ChainCheck> {
  let known = listed;
  for (let read = 0; read < READS_MAX; read++) {
    const check = checkCase(known, await cases.auditOf(known.id), digests);
    if (check.kind === 'intact') return check;
    const now = await cases.readCase(known.id);
    if (now === undefined || now.version === known.version) return check;
    known = now;
  }
  throw new Error(`case ${known.id} changed during each of ${READS_MAX} reads: verify it again`);
}
