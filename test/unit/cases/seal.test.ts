import { describe, expect, it } from 'vitest';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { createMemorySealStore } from '../../../adapters/memory/seal-store.ts';
import { describeSeals, verify } from '../../../cli/commands/verify-command.ts';
import { asCaseId } from '../../../core/brands.ts';
import { type AuditEntry, chainHash, GENESIS } from '../../../core/cases/audit.ts';
import { type Case, withChanges } from '../../../core/cases/case.ts';
import type { CaseStore } from '../../../core/cases/case-store.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { readSeals } from '../../../core/cases/read-seals.ts';
import { type SealStore, seal } from '../../../core/cases/seal.ts';
import { verifyCase } from '../../../core/cases/verify-cases.ts';
import { charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened } from '../../fixtures/flags.ts';

const CASE_DAYS = 2_557;
const nowMs = () => START_MS;
const DAY_ONE = '2024-11-10';
const DAY_TWO = '2024-11-11';

function held(n: number): Flag {
  return flag({
    caseId: asCaseId(digests.hash128(`case ${n}`)),
    charge: charge({ chargeId: `ch_${n}` }),
    status: 'held',
  });
}

const idOf = (n: number) => held(n).caseId;

/** Cases of one flag each, and a clock that a test moves. */
async function world(cases: number) {
  const clock = { nowMs: START_MS };
  const store = createMemoryCaseStore();
  const seals = createMemorySealStore();
  for (let n = 0; n < cases; n++) await store.commit(withChanges(undefined, [opened(held(n))], digests));
  const change = async (n: number, to: Flag['status']) => {
    const [known, [one]] = [await store.readCase(idOf(n)), await store.readFlags([held(n).id])];
    if (one !== undefined) await store.commit(withChanges(known, [moved(one, { status: to })], digests));
  };
  const context = { cases: store, seals, digests, caseDays: CASE_DAYS, nowMs: () => clock.nowMs };
  return { clock, store, seals, change, seal: () => seal(context) };
}

/** The store as somebody left it who wrote a case and its chain anew, each intact by itself. */
function rewritten(store: CaseStore, id: string, entries: readonly AuditEntry[]): CaseStore {
  let head = GENESIS;
  const chain = entries.map((entry) => {
    const { hash: _hash, ...body } = { ...entry, previous: head };
    head = chainHash(body, digests);
    return { ...body, hash: head };
  });
  const forged = (known: Case): Case =>
    known.id === id ? { ...known, auditLength: chain.length, auditHead: head } : known;
  return {
    ...store,
    auditOf: async (of) => (of === id ? chain : store.auditOf(of)),
    readCase: async (of) => {
      const known = await store.readCase(of);
      return known && forged(known);
    },
    casesByStatus: async (status, page) => {
      const found = await store.casesByStatus(status, page);
      return { ...found, items: found.items.map(forged) };
    },
  };
}

describe('a seal', () => {
  it('holds the head of every chain, open and resolved, once a day', async () => {
    const { clock, store, seals, change, seal } = await world(230);
    await change(3, 'kept');
    expect(await seal()).toEqual({ day: DAY_ONE, outcome: 'sealed', chains: 230 });
    clock.nowMs += 2 * HOUR;
    expect(await seal()).toMatchObject({ outcome: 'already-sealed' });
    const { newest, problems } = await readSeals({ seals, digests });
    expect([newest?.day, newest?.heads.size, problems]).toEqual([DAY_ONE, 230, []]);
    for (const { id, auditLength, auditHead, status } of store.allCases()) {
      const end = status === 'resolved' && { endsOn: '2031-11-11' };
      expect(newest?.heads.get(id)).toEqual({ length: auditLength, head: auditHead, ...end });
    }
  });

  it('of no case at all is one too', async () => {
    const { seals, seal } = await world(0);
    expect(await seal()).toEqual({ day: DAY_ONE, outcome: 'sealed', chains: 0 });
    expect((await readSeals({ seals, digests })).newest?.heads.size).toBe(0);
  });

  it('is written in parts that fit in memory', async () => {
    const { store, seals } = await world(1);
    const [one] = store.allCases();
    const items = Array.from({ length: 100 }, (_, n) => ({ ...one!, id: asCaseId(`${n}`) })); // one case
    let pages = 0;
    const cases = {
      casesByStatus: async (status: Case['status']) =>
        status === 'open' ? { items, ...(++pages < 250 && { cursor: 'more' }) } : { items: [] },
    };
    expect(await seal({ cases, seals, digests, caseDays: CASE_DAYS, nowMs: () => START_MS })).toMatchObject({
      chains: 25_000,
    });
    const { parts } = JSON.parse((await seals.readSeal(DAY_ONE)) ?? '');
    expect(parts.map(({ chains }: { chains: number }) => chains)).toEqual([10_000, 10_000, 5_000]);
  });

  it('points to the one before it, whatever days have none', async () => {
    const { clock, seals, seal } = await world(2);
    await seal();
    clock.nowMs += DAY;
    await seal();
    clock.nowMs += 5 * DAY;
    await seal();
    expect(await seals.days()).toEqual([DAY_ONE, DAY_TWO, '2024-11-16']);
    expect((await readSeals({ seals, digests })).problems).toEqual([]);
  });

  it('that a crash left half written counts for nothing, and is written by the next run', async () => {
    const { store, seals, seal: run } = await world(5);
    const dying: SealStore = { ...seals, putSeal: () => Promise.reject(new Error('killed')) };
    await expect(
      seal({ cases: store, seals: dying, digests, caseDays: CASE_DAYS, nowMs: () => START_MS }),
    ).rejects.toThrow('killed');
    expect((await readSeals({ seals, digests })).newest).toBeUndefined();
    expect(await run()).toMatchObject({ outcome: 'sealed', chains: 5 });
  });

  it('of two runs at once is one', async () => {
    const { seal } = await world(5);
    const outcomes = (await Promise.all([seal(), seal()])).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(['already-sealed', 'sealed']);
  });
});

describe('seals that were tampered with', () => {
  it('are named: one that was changed, one that is gone, a part that is not what was sealed', async () => {
    const { clock, seals, seal } = await world(2);
    for (let day = 0; day < 4; day++, clock.nowMs += DAY) await seal();
    const [, second = '', , newest = ''] = await seals.days();
    const changedSeal = { ...seals, readSeal: async (day: string) => (day === second ? '{}' : seals.readSeal(day)) };
    const one = await readSeals({ seals: changedSeal, digests });
    expect(one.problems).toEqual([
      expect.stringMatching(new RegExp(`^seal of ${second} .*cannot be read: day: `)),
      'the seal of 2024-11-12 does not point to the one before it: one of the two was changed, or one is gone',
    ]);
    const gone = { ...seals, days: async () => (await seals.days()).filter((day) => day !== second) };
    expect((await readSeals({ seals: gone, digests })).problems).toHaveLength(1);
    const otherPart = { ...seals, readPart: async () => '' };
    const { problems } = await readSeals({ seals: otherPart, digests });
    expect(problems).toEqual([expect.stringMatching(`^part [0-9a-f]{64} of the seal of ${newest} is not what was`)]);
  });
});

describe('verifying against the newest seal', () => {
  async function sealedWorld() {
    const made = await world(3);
    await made.change(1, 'approved');
    await made.change(0, 'kept');
    await made.seal();
    await made.change(1, 'dismissed');
    const { newest } = await readSeals({ seals: made.seals, digests });
    return { ...made, sealed: newest };
  }

  it('finds nothing where chains have only grown', async () => {
    const { store, sealed, change } = await sealedWorld();
    await change(2, 'kept');
    expect(await verify({ nowMs, cases: store, sealed })).toMatchObject({ cases: 3, brokenCases: 0 });
  });

  it.each([
    [
      'was cut, the case with it',
      (entries: readonly AuditEntry[]) => entries.slice(0, 1),
      { seq: 2, reason: `is missing: the chain had 2 entries on ${DAY_ONE}` },
    ],
    [
      'was written anew, the case with it',
      (entries: readonly AuditEntry[]) => entries.map((entry) => ({ ...entry, reason: 'nothing to see' })),
      { seq: 2, reason: `is not what was sealed on ${DAY_ONE}: the chain was written anew` },
    ],
  ])('names a chain that %s', async (_, forge, broken) => {
    const { store, sealed } = await sealedWorld();
    const cases = rewritten(store, idOf(1), forge(await store.auditOf(idOf(1))));
    expect(await verifyCase(idOf(1), { nowMs, cases, digests })).toMatchObject({ check: { kind: 'intact' } });
    const verified = await verifyCase(idOf(1), { nowMs, cases, digests, sealed });
    expect(verified).toEqual({ caseId: idOf(1), check: { kind: 'broken', ...broken } });
    expect((await verify({ nowMs, cases, sealed })).brokenCases).toBe(1);
  });

  it('names a case that is gone with its chain', async () => {
    const { store, sealed } = await sealedWorld();
    const cases: CaseStore = {
      ...store,
      readCase: async (id) => (id === idOf(1) ? undefined : store.readCase(id)),
      casesByStatus: async (status, page) => {
        const found = await store.casesByStatus(status, page);
        return { ...found, items: found.items.filter(({ id }) => id !== idOf(1)) };
      },
    };
    expect((await verify({ nowMs, cases, sealed })).broken).toEqual([
      `case ${idOf(1)} is broken at entry 1: is gone with the whole case: its chain had 2 on ${DAY_ONE}`,
    ]);
    expect(await verify({ nowMs, cases, sealed, id: idOf(1) })).toMatchObject({ brokenCases: 1 });
  });

  it('does not miss a resolved case whose time is over, and misses it until then', async () => {
    const { sealed } = await sealedWorld();
    const cases = createMemoryCaseStore();
    const brokenAt = async (ms: number) => (await verify({ nowMs: () => ms, cases, sealed })).brokenCases;
    // Of three cases one is resolved when the seal is written.
    expect(await brokenAt(START_MS + (CASE_DAYS - 1) * DAY)).toBe(3);
    expect(await brokenAt(START_MS + (CASE_DAYS + 1) * DAY)).toBe(2);
  });

  it('names the seal that chains were compared with, or that there is none', async () => {
    const { seals } = await sealedWorld();
    expect(describeSeals(await readSeals({ seals, digests }))).toBe(`Compared with the seal of ${DAY_ONE}: 3 chains.`);
    expect(describeSeals({ problems: [] })).toContain('No seal has been written yet');
  });
});
