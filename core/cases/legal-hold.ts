import type { CaseId } from '../brands.ts';
import { contentionLost } from '../fault.ts';
import { backoffMs } from '../retry.ts';
import { type Act, type Case, withChanges } from './case.ts';
import type { CaseStore } from './case-store.ts';
import type { CaseContext } from './change-flag.ts';

interface LegalHoldContext extends CaseContext {
  readonly cases: CaseContext['cases'] & Pick<CaseStore, 'auditOf'>;
}

interface LegalHoldOrder {
  readonly caseId: CaseId;
  readonly by: string;
  readonly reason: string;
}

const CONTENTION = { triesMax: 20, baseMs: 10, capMs: 500 };

/**
 * Puts a case under legal hold, or releases it, with an audit entry. No flag changes, and no refund waits for it. The same order again
 * changes nothing and answers with the case as it is. Undefined where there is no such case.
 */
export async function orderLegalHold(
  what: 'place' | 'release',
  { caseId, by, reason }: LegalHoldOrder,
  context: LegalHoldContext,
): Promise<Case | undefined> {
  const { cases, digests, nowMs, random, sleep } = context;
  for (let tries = 0; tries < CONTENTION.triesMax; tries++) {
    const known = await cases.readCase(caseId);
    if (known === undefined || (known.legalHold !== undefined) === (what === 'place')) return known;
    // An entry is about a flag: the first of the case stands for all.
    const flagId = (await cases.auditOf(caseId))[0]?.flagId;
    const [flag] = flagId === undefined ? [] : await cases.readFlags([flagId]);
    if (flag === undefined) return undefined;
    const act: Act = {
      actor: by,
      atMs: nowMs(),
      reason: `legal hold ${what === 'place' ? 'placed' : 'released'}: ${reason}`,
    };
    const change = withChanges(known, [{ before: flag, after: flag, act }], digests);
    const { legalHold: _released, ...rest } = change.case;
    const next: Case = what === 'place' ? { ...rest, legalHold: { by, atMs: act.atMs, reason } } : rest;
    if ((await cases.commit({ case: next, flags: [], audit: change.audit })) === 'committed') return next;
    await sleep(backoffMs(tries, CONTENTION, random));
  }
  throw contentionLost(`the case ${caseId}`, CONTENTION.triesMax);
}
