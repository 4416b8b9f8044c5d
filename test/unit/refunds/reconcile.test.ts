import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCaseStore, type MemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { asCaseId, asFlagId, type FlagId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { verifyCase } from '../../../core/cases/verify-cases.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import { type Explained, explainDiscrepancy, type Reconciled } from '../../../core/refunds/reconcile.ts';
import { BANK, captured, charge, DAY, HOUR, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { moved, opened } from '../../fixtures/flags.ts';
import { byOthers, listed, refundedFlag } from '../../fixtures/listed-refunds.ts';
import { type ReconcilingContext, reconcile } from '../../fixtures/reconciling.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

describe('a list of a day', () => {
  const day = { sources: new Set([WALLET]), fromMs: START_MS, toMs: START_MS + DAY };
  let store: MemoryCaseStore;
  let context: ReconcilingContext;

  beforeEach(() => {
    store = createMemoryCaseStore();
    const clock = { nowMs: () => START_MS + 2 * DAY, random: () => 0.5, sleep: async () => {} };
    const { schemeOf } = configuration();
    context = { ...clock, cases: store, digests, schemeOf, by: 'ann', dryRun: false };
  });

  async function have(...flags: readonly Flag[]): Promise<void> {
    for (const each of flags) await store.commit(withChanges(undefined, [opened(each)], digests));
  }

  const caseOf = (of: Flag) => store.readCase(of.caseId);

  /** The same context, whose first commit loses the race against the rival. */
  function losingTo(rival: () => Promise<unknown>): ReconcilingContext {
    const rivals = [rival];
    const commit: MemoryCaseStore['commit'] = async (change) => {
      await rivals.pop()?.();
      return store.commit(change);
    };
    return { ...context, cases: { ...store, commit } };
  }

  it('that agrees is a table and nothing else', async () => {
    const flags = [refundedFlag(1), refundedFlag(2), moved(refundedFlag(3), { status: 'held' }).after];
    await have(...flags);
    const before = store.allCases();
    const stranger = listed(refundedFlag(77), { reference: undefined, amountMinor: 5 });
    const list = [...flags.slice(0, 2).map((each) => listed(each)), byOthers(flags[2]!, 400), stranger]; // three flags
    expect(await reconcile(list, day, context)).toEqual({
      rows: [
        {
          source: WALLET,
          currency: 'CNY',
          ours: { count: 2, valueMinor: 2_000 },
          listed: { count: 2, valueMinor: 2_000 },
          byOthers: { count: 2, valueMinor: 405 },
          atBorder: { count: 0, valueMinor: 0 },
        },
      ],
      differences: [],
      resolved: 0,
    });
    expect(store.allCases()).toEqual(before);
  });

  it('that lacks our refund marks it, audited, and its case is unresolved until a list has it', async () => {
    const one = refundedFlag(1);
    await have(one, refundedFlag(2));
    const rest = [listed(refundedFlag(2))];
    const { differences } = await reconcile(rest, day, context);
    expect(differences).toMatchObject([{ what: 'not-listed', chargeId: 'ch_1', caseId: one.caseId, known: false }]);
    expect(await caseOf(one)).toMatchObject({ status: 'open', unresolved: 1, unreconciled: 1, openings: 2 });
    expect((await store.auditOf(one.caseId)).at(-1)).toMatchObject({
      actor: 'ann',
      from: 'refunded',
      to: 'refunded',
      reason: 'reconcile: not-listed: we refunded CNY 10.00 as re_1; the processor does not list it',
    });
    expect(await reconcile([...rest, listed(one)], day, context)).toMatchObject({ differences: [], resolved: 1 });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved', unresolved: 0, unreconciled: 0 });
    expect(await verifyCase(one.caseId, { nowMs: () => START_MS, cases: store, digests })).toMatchObject({
      check: { kind: 'intact', length: 3 },
    });
  });

  it('that is compared twice changes nothing the second time', async () => {
    const one = refundedFlag(1);
    await have(one, refundedFlag(2));
    const list = [
      listed(one, { amountMinor: 7 }),
      listed(refundedFlag(9), { reference: referenceOf(refundedFlag(9)) }),
    ];
    const first = await reconcile(list, day, context);
    const after = [store.allCases(), store.allFlags()];
    const second = await reconcile(list, day, context);
    expect([store.allCases(), store.allFlags()]).toEqual(after);
    expect(first.differences.map(({ known }) => known)).toEqual([false, false, false]);
    expect(second.differences).toEqual(first.differences.map((each) => ({ ...each, known: true })));
  });

  it('that has a refund in our name which no flag knows opens a case of its own, from which nothing is refunded', async () => {
    const stranger = listed(refundedFlag(9), { merchant: 'm_9' });
    const { differences } = await reconcile([stranger], day, context);
    expect(differences).toMatchObject([{ what: 'not-known', chargeId: 'ch_9', known: false }]);
    const [unknown] = store.allFlags();
    expect(unknown).toMatchObject({
      status: 'reversed-externally',
      detector: 'reconcile',
      processorReference: 're_9',
      windows: [],
    });
    expect(unknown?.id).not.toBe(refundedFlag(9).id);
    expect(store.allCases()).toMatchObject([{ status: 'open', merchant: 'm_9', unreconciled: 1, refundedMinor: 0 }]);
    expect(
      await verifyCase(unknown?.caseId ?? asCaseId(''), { nowMs: () => START_MS, cases: store, digests }),
    ).toMatchObject({
      check: { kind: 'intact', length: 1 },
    });
  });

  it('speaks for its own sources and time alone; what crosses its border is not missed', async () => {
    const elsewhere = refundedFlag(1, { charge: charge({ chargeId: 'ch_1', source: BANK }) });
    const before = refundedFlag(2, { claimedAtMs: START_MS - HOUR, refundedAtMs: START_MS - MINUTE });
    const after = refundedFlag(3, { claimedAtMs: START_MS + DAY, refundedAtMs: START_MS + DAY + 1 });
    const across = refundedFlag(4, { claimedAtMs: START_MS + DAY - 1, refundedAtMs: START_MS + DAY + 1 });
    await have(elsewhere, before, after, across);
    const { differences, rows } = await reconcile([], day, context);
    expect(differences).toEqual([]);
    expect(rows).toMatchObject([{ source: WALLET, ours: { count: 0 }, atBorder: { count: 1, valueMinor: 1_000 } }]);
    expect((await reconcile([listed(across)], day, context)).rows).toMatchObject([
      { ours: { count: 1 }, listed: { count: 1 }, atBorder: { count: 0 } },
    ]);
  });

  it('finds a refund whose flag was opened months before', async () => {
    await have(refundedFlag(1, { openedAtMs: START_MS - 170 * DAY }));
    expect((await reconcile([], day, context)).differences).toHaveLength(1);
  });

  it('that is only looked at writes nothing', async () => {
    await have(refundedFlag(1));
    const before = store.allCases();
    const dry = { ...context, dryRun: true };
    const { differences } = await reconcile([listed(refundedFlag(9))], day, dry);
    expect(differences.map(({ what }) => what).toSorted()).toEqual(['not-known', 'not-listed']);
    expect(store.allCases()).toEqual(before);
  });

  it('is compared with hundreds of refunds, page by page', async () => {
    const flags = Array.from({ length: 350 }, (_, n) => refundedFlag(n));
    await have(...flags);
    const list = flags.slice(5).map((each) => listed(each));
    const { differences, rows } = await reconcile(list, day, context);
    expect(differences.map(({ chargeId }) => chargeId).toSorted()).toEqual(['ch_0', 'ch_1', 'ch_2', 'ch_3', 'ch_4']);
    expect(rows).toMatchObject([{ ours: { count: 350, valueMinor: 350_000 }, listed: { count: 345 } }]);
  });

  it('differs no more once a person has explained it, and stays explained', async () => {
    const one = refundedFlag(1);
    await have(one);
    await reconcile([], day, context);
    const explain = (flagId: FlagId) => explainDiscrepancy({ flagId, by: 'ben', reason: 'a void' }, context);
    expect(await explain(one.id)).toEqual({ kind: 'explained' });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved', unreconciled: 0 });
    expect(await reconcile([], day, context)).toMatchObject({ differences: [], resolved: 0 });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved' });
    expect([await explain(one.id), await explain(asFlagId('no'))]).toEqual([
      { kind: 'explained' },
      { kind: 'unknown-flag' },
    ]);
    expect((await store.auditOf(one.caseId)).at(-1)).toMatchObject({
      actor: 'ben',
      reason: expect.stringContaining('void'),
    });
  });

  it('tells the second of two operators who explain one discrepancy at once what the first one said', async () => {
    const one = refundedFlag(1);
    await have(one);
    await reconcile([], day, context);
    const anns = { flagId: one.id, by: 'ann', reason: 'a void' };
    const first: Explained[] = [];
    const rival = losingTo(async () => first.push(await explainDiscrepancy(anns, context)));
    const second = await explainDiscrepancy({ flagId: one.id, by: 'ben', reason: 'in another list' }, rival);
    expect(first).toEqual([{ kind: 'explained' }]);
    expect(second).toEqual({
      kind: 'already-explained',
      caseId: one.caseId,
      explained: { by: 'ann', reason: 'a void', atMs: START_MS + 2 * DAY },
    });
    const reasons = (await store.auditOf(one.caseId)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason.startsWith('discrepancy explained'))).toEqual([
      'discrepancy explained: a void',
    ]);
  });

  it('has nothing to explain where a later list has settled the discrepancy, or none was found', async () => {
    const [one, two] = [refundedFlag(1), refundedFlag(2)];
    await have(one, two);
    await reconcile([listed(two)], day, context);
    await reconcile([listed(one), listed(two)], day, context);
    for (const { id } of [one, two]) {
      const outcome = await explainDiscrepancy({ flagId: id, by: 'ben', reason: 'a void' }, context);
      expect(outcome).toEqual({ kind: 'nothing-to-explain' });
    }
  });

  it('calls a discrepancy known that another run of the same list has marked first', async () => {
    const one = refundedFlag(1);
    await have(one);
    const first: Reconciled[] = [];
    const second = await reconcile(
      [],
      day,
      losingTo(async () => first.push(await reconcile([], day, context))),
    );
    expect(first).toMatchObject([{ differences: [{ chargeId: 'ch_1', known: false }] }]);
    expect(second).toMatchObject({ differences: [{ chargeId: 'ch_1', known: true }] });
  });

  it('counts a settled discrepancy for the run that settled it alone', async () => {
    const one = refundedFlag(1);
    await have(one);
    await reconcile([], day, context);
    const first: Reconciled[] = [];
    const rival = async () => first.push(await reconcile([listed(one)], day, context));
    const second = await reconcile([listed(one)], day, losingTo(rival));
    expect([...first, second]).toMatchObject([
      { differences: [], resolved: 1 },
      { differences: [], resolved: 0 },
    ]);
  });

  it('does not report a discrepancy that went away before its mark was written', async () => {
    const one = refundedFlag(1);
    await have(one);
    const { after: reopened } = moved(one, { status: 'refunding' });
    const act = { actor: 'ann', atMs: START_MS, reason: 'test' };
    const rival = async () => {
      const known = await store.readCase(one.caseId);
      await store.commit(withChanges(known, [{ before: one, after: reopened, act }], digests));
    };
    expect(await reconcile([], day, losingTo(rival))).toMatchObject({ differences: [], resolved: 0 });
  });
});

describe('a refund that the workflow has made', () => {
  it('is in the list of the hour in which it was claimed and recorded, as we have it', async () => {
    const world = refundWorld(configuration());
    await world.deliver(captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' })));
    world.clock.nowMs = START_MS + MINUTE;
    const ours = await world.work('two');
    expect(ours).toMatchObject({ claimedAtMs: START_MS + MINUTE, refundedAtMs: START_MS + MINUTE });
    const hour = { sources: new Set([WALLET]), fromMs: START_MS, toMs: START_MS + HOUR };
    const context = { ...world, schemeOf: world.configuration.schemeOf, by: 'ann', dryRun: false };
    expect((await reconcile([listed(ours)], hour, context)).differences).toEqual([]);
    expect((await reconcile([], hour, context)).differences).toMatchObject([{ what: 'not-listed', chargeId: 'two' }]);
    expect(world.flagOn('two')).toMatchObject({ status: 'refunded', discrepancy: { what: 'not-listed' } });
  });
});
