import { beforeAll, describe, expect, it } from 'vitest';
import { asCaseId, asFlagId } from '../../core/brands.ts';
import { verifyChain } from '../../core/cases/audit.ts';
import { withChanges } from '../../core/cases/case.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import { newComment } from '../../core/cases/comment.ts';
import { START_MS } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { act, moved, newFlag, opened, wait } from '../fixtures/flags.ts';
import { caseListsSuite } from './case-lists.suite.ts';

/** What every store of cases must do. */
export function caseStoreSuite(name: string, create: () => Promise<CaseStore>): void {
  caseListsSuite(name, create);

  describe(`the case store ${name}`, () => {
    let store: CaseStore;
    beforeAll(async () => {
      store = await create();
    });

    it('finds nothing where nothing is', async () => {
      expect(await store.readFlags([asFlagId('no'), asFlagId('flags')])).toEqual([undefined, undefined]);
      expect(await store.readFlags([])).toEqual([]);
      expect(await store.readCase(asCaseId('no'))).toBeUndefined();
      expect([await store.flagsOf(asCaseId('no')), await store.auditOf(asCaseId('no'))]).toEqual([[], []]);
    });

    it('gives back case, flags and audit as they were committed, in the order asked', async () => {
      const caseId = asCaseId(digests.hash128('one case of three flags'));
      const flags = [
        newFlag({ caseId }),
        newFlag({ caseId, status: 'held', wait: wait({ waitsFor: ['limit'] }) }),
        newFlag({ caseId }),
      ];
      const change = withChanges(undefined, flags.map(opened), digests);
      expect(await store.commit(change)).toBe('committed');
      const ids = flags.map(({ id }) => id);
      expect(await store.readFlags([...ids.toReversed(), asFlagId('no'), ...ids])).toEqual([
        ...flags.toReversed(),
        undefined,
        ...flags,
      ]);
      expect(await store.readCase(caseId)).toEqual(change.case);
      expect(await store.auditOf(caseId)).toEqual(change.audit);
      expect((await store.flagsOf(caseId)).map(({ id }) => id).sort()).toEqual(ids.toSorted());
    });

    it('commits on the versions before, all or nothing', async () => {
      const [one, two] = [newFlag(), newFlag()];
      const first = withChanges(undefined, [opened(one)], digests);
      await store.commit(first);
      expect(await store.commit(first)).toBe('conflict');
      const other = withChanges(undefined, [opened({ ...two, caseId: one.caseId })], digests);
      expect(await store.commit(other)).toBe('conflict');
      const held = moved(one, { status: 'held' });
      const staleFlag = moved({ ...one, version: 4 }, { status: 'held' });
      expect(await store.commit(withChanges(first.case, [staleFlag], digests))).toBe('conflict');
      expect(await store.commit(withChanges({ ...first.case, version: 7 }, [held], digests))).toBe('conflict');
      expect(await store.readFlags([one.id, two.id])).toEqual([one, undefined]);
      expect(await store.auditOf(one.caseId)).toHaveLength(1);
      expect(await store.commit(withChanges(first.case, [held], digests))).toBe('committed');
      expect(await store.readFlags([one.id])).toEqual([held.after]);
    });

    it('never writes an audit entry over another', async () => {
      const one = newFlag();
      const first = withChanges(undefined, [opened(one)], digests);
      await store.commit(first);
      const next = withChanges(first.case, [moved(one, { status: 'held' })], digests);
      const forged = { ...next, audit: next.audit.map((entry) => ({ ...entry, seq: 1 })) };
      expect(await store.commit(forged)).toBe('conflict');
      expect(await store.auditOf(one.caseId)).toEqual(first.audit);
    });

    it('commits as much as one transaction may hold, and keeps the audit in its order', async () => {
      const caseId = asCaseId(digests.hash128('a case of forty-eight flags'));
      const flags = Array.from({ length: 48 }, () => newFlag({ caseId }));
      const change = withChanges(undefined, flags.map(opened), digests);
      expect(await store.commit(change)).toBe('committed');
      expect(await store.auditOf(caseId)).toEqual(change.audit);
      expect(verifyChain(await store.auditOf(caseId), digests).kind).toBe('intact');
      expect(await store.flagsOf(caseId)).toHaveLength(48);
      expect((await store.readFlags(flags.map(({ id }) => id))).every((found) => found !== undefined)).toBe(true);
    });

    it('keeps comments beside the audit, each once, in the order in which they were written', async () => {
      const one = newFlag();
      const first = withChanges(undefined, [opened(one)], digests);
      await store.commit(first);
      const comments = ['who are they?', 'a family', 'so I see'].map((text, n) =>
        newComment({ caseId: one.caseId, by: 'ann', atMs: START_MS + n, text }, digests),
      );
      for (const comment of comments.toReversed()) expect(await store.addComment(comment)).toEqual(comment);
      const again = newComment({ caseId: one.caseId, by: 'ann', atMs: START_MS + 99, text: 'a family' }, digests);
      expect(await store.addComment(again)).toEqual(comments[1]);
      expect(await store.commentsOf(one.caseId)).toEqual(comments);
      expect(await store.auditOf(one.caseId)).toEqual(first.audit);
    });

    it('reads more flags than one request of the engine holds', async () => {
      const caseId = asCaseId(digests.hash128('a case of many'));
      const ids = Array.from({ length: 130 }, (_, n) => asFlagId(digests.hash128(`flag ${n}`)));
      const one = newFlag({ caseId });
      await store.commit(withChanges(undefined, [opened(one)], digests));
      const found = await store.readFlags([...ids, one.id]);
      expect(found.filter((each) => each !== undefined)).toEqual([one]);
      expect(found).toHaveLength(131);
    });

    it('lets exactly one of many commits of one version win', async () => {
      const one = newFlag();
      const first = withChanges(undefined, [opened(one)], digests);
      await store.commit(first);
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, n) => {
          const change = moved(one, { status: 'held' }, act({ actor: `worker ${n}` }));
          return store.commit(withChanges(first.case, [change], digests));
        }),
      );
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
      expect(await store.auditOf(one.caseId)).toHaveLength(2);
    });
  });
}
