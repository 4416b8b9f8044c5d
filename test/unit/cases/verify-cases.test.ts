import { describe, expect, it } from 'vitest';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { describeVerified, verify } from '../../../cli/commands/verify-command.ts';
import { asCaseId, type CaseId } from '../../../core/brands.ts';
import { type AuditEntry, chainHash } from '../../../core/cases/audit.ts';
import { type Case, withChanges } from '../../../core/cases/case.ts';
import type { CaseStore } from '../../../core/cases/case-store.ts';
import type { FlagStatus } from '../../../core/cases/flag.ts';
import { checkCase, verifyCase } from '../../../core/cases/verify-cases.ts';
import { charge, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened } from '../../fixtures/flags.ts';

/** A flag's way from its opening on: as many audit entries as statuses, and one more. */
const PATH: readonly FlagStatus[] = ['held', 'approved', 'refunding', 'refunded'];

const nowMs = () => START_MS;

function caseId(n: number): CaseId {
  return asCaseId(`case-${String(n).padStart(3, '0')}`);
}

/** Cases 1, 2, … of five entries each; the even ones are resolved, the odd ones stay open with an approved flag. */
async function storeOf(count: number): Promise<CaseStore> {
  const store = createMemoryCaseStore();
  for (let n = 1; n <= count; n++) {
    const path = n % 2 === 0 ? PATH : [...PATH.slice(0, 2), ...PATH.slice(0, 2)];
    let change = withChanges(
      undefined,
      [opened(flag({ caseId: caseId(n), charge: charge({ chargeId: `ch_${n}` }) }))],
      digests,
    );
    await store.commit(change);
    for (const status of path) {
      const [before] = change.flags;
      if (before === undefined) throw new Error('the flag is lost');
      change = withChanges(change.case, [moved(before, { status })], digests);
      expect(await store.commit(change)).toBe('committed');
    }
  }
  return store;
}

/** The store after somebody with access to the table has changed one case's entries or the case itself. */
function tampered(
  store: CaseStore,
  id: string,
  {
    audit = (entries) => entries,
    known = (of) => of,
  }: { audit?: (entries: readonly AuditEntry[]) => readonly AuditEntry[]; known?: (of: Case) => Case },
): CaseStore {
  const shown = (of: Case) => (of.id === id ? known(of) : of);
  return {
    ...store,
    auditOf: async (of) => (of === id ? audit(await store.auditOf(of)) : store.auditOf(of)),
    readCase: async (of) => {
      const found = await store.readCase(of);
      return found && shown(found);
    },
    casesByStatus: async (status, page) => {
      const found = await store.casesByStatus(status, page);
      return { ...found, items: found.items.map(shown) };
    },
  };
}

const forged = (entries: readonly AuditEntry[]) =>
  entries.map((entry) => (entry.seq === 3 ? { ...entry, reason: 'nothing happened' } : entry));

/** The last entry changed and hashed anew: the chain alone does not show it. */
const newEnd = (entries: readonly AuditEntry[]) =>
  entries.map((entry) => {
    if (entry.seq !== 5) return entry;
    const { hash: _hash, ...body } = { ...entry, actor: 'nobody' };
    return { ...body, hash: chainHash(body, digests) };
  });

type Tampering = Parameters<typeof tampered>[2];

describe('verifying a case', () => {
  it.each<[what: string, how: Tampering, seq: number, reason: string]>([
    ['an entry that was changed', { audit: forged }, 3, 'was changed after it was written'],
    ['an entry that is missing', { audit: (all) => all.toSpliced(1, 1) }, 2, 'entry 2 is missing'],
    ['the first entry missing', { audit: (all) => all.slice(1) }, 1, 'entry 1 is missing'],
    ['the last entry missing', { audit: (all) => all.slice(0, 4) }, 5, 'entry 5 is missing'],
    ['no entries at all', { audit: () => [] }, 1, 'entry 1 is missing'],
    ['a last entry hashed anew', { audit: newEnd }, 5, 'is not the head that the case remembers'],
    [
      'a head that does not match',
      { known: (of) => ({ ...of, auditHead: 'f'.repeat(64) }) },
      5,
      'is not the head that the case remembers',
    ],
    ['a case that knows fewer entries', { known: (of) => ({ ...of, auditLength: 4 }) }, 5, 'is not known to the case'],
  ])('names %s', async (_, how, seq, reason) => {
    const cases = tampered(await storeOf(2), caseId(2), how);
    expect(await verifyCase(caseId(2), { nowMs, cases, digests })).toEqual({
      caseId: caseId(2),
      check: { kind: 'broken', seq, reason },
    });
    expect(await verifyCase(caseId(1), { nowMs, cases, digests })).toMatchObject({
      check: { kind: 'intact', length: 5 },
    });
  });

  it('does not take the intact chain of another case', async () => {
    const store = await storeOf(2);
    const [one, two] = await Promise.all([store.readCase(caseId(1)), store.auditOf(caseId(2))]);
    if (one === undefined) throw new Error('the case is lost');
    const { auditHead } = (await store.readCase(caseId(2))) ?? one;
    expect(checkCase({ ...one, auditHead }, two, digests)).toEqual({
      kind: 'broken',
      seq: 1,
      reason: 'belongs to another case',
    });
  });

  it('reads again when the case has changed meanwhile', async () => {
    const store = await storeOf(1);
    let reads = 0;
    const cases: CaseStore = {
      ...store,
      readCase: async (id) => {
        const now = await store.readCase(id);
        return now && reads++ === 0 ? { ...now, version: 4, auditLength: 4 } : now;
      },
    };
    expect(await verifyCase(caseId(1), { nowMs, cases, digests })).toMatchObject({ check: { kind: 'intact' } });
    expect(reads).toBe(2);
  });
});

describe('onecharge verify', () => {
  it('checks open and resolved cases, page by page', async () => {
    const notes: string[] = [];
    const verified = await verify({ nowMs, cases: await storeOf(230), note: (text) => notes.push(text) });
    expect(verified).toEqual({ cases: 230, entries: 1_150, brokenCases: 0, broken: [] });
    expect(notes.at(-1)).toBe('230 cases, 0 broken');
    expect(describeVerified(verified)).toBe('No chain is broken: 230 cases, 1,150 audit entries.');
  });

  it('names each broken case and its first broken entry', async () => {
    const cases = tampered(await storeOf(230), caseId(117), { audit: forged });
    const verified = await verify({ nowMs, cases });
    expect(verified).toMatchObject({ cases: 230, brokenCases: 1 });
    expect(verified.broken).toEqual(['case case-117 is broken at entry 3: was changed after it was written']);
    expect(describeVerified(verified)).toBe('Broken: 1 of 230 cases.');
  });

  it('shows no more lines than can be read', async () => {
    const store = await storeOf(60);
    const cases = { ...store, auditOf: async (id: CaseId) => (await store.auditOf(id)).slice(1) };
    const verified = await verify({ nowMs, cases });
    expect(verified.broken).toHaveLength(50);
    expect(describeVerified(verified)).toBe('Broken: 60 of 60 cases (the first 50 are shown).');
  });

  it('checks one case when it is named, and says when there is none', async () => {
    const cases = tampered(await storeOf(3), caseId(2), { audit: forged });
    expect(await verify({ nowMs, cases, id: caseId(1) })).toMatchObject({ cases: 1, entries: 5, brokenCases: 0 });
    expect(await verify({ nowMs, cases, id: caseId(2) })).toMatchObject({ cases: 1, brokenCases: 1 });
    await expect(verify({ nowMs, cases, id: 'case-999' })).rejects.toThrow('There is no case case-999');
  });
});
