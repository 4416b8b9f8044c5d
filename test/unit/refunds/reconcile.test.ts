import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCaseStore, type MemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag, FlagIn, FlagStatus } from '../../../core/cases/flag.ts';
import { amountMinorOf, processorReferenceOf } from '../../../core/cases/flag-history.ts';
import { verifyCase } from '../../../core/cases/verify-cases.ts';
import { referenceOf } from '../../../core/detection/refund-reference.ts';
import { judgeListed, type ListedRefund } from '../../../core/refunds/listed-refund.ts';
import {
  type Explained,
  explainDiscrepancy,
  type ReconcileContext,
  type Reconciled,
  reconcile,
} from '../../../core/refunds/reconcile.ts';
import { BANK, captured, charge, DAY, HOUR, MINUTE, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened, type Shows } from '../../fixtures/flags.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

/** A refund of ours at noon, in its own case. */
function refunded(n: number, shows: Shows<'refunded'> = {}): FlagIn<'refunded'> {
  return flag({
    charge: charge({ chargeId: `ch_${n}`, amountMinor: 1_000 }),
    caseId: digests.hash128(`case ${n}`),
    status: 'refunded',
    refundMinor: 1_000,
    processorReference: `re_${n}`,
    openedAtMs: START_MS,
    claimedAtMs: START_MS + 12 * HOUR,
    refundedAtMs: START_MS + 12 * HOUR + MINUTE,
    ...shows,
  });
}

/** As an honest processor lists it. */
function listed(of: Flag, shows: Partial<ListedRefund> = {}): ListedRefund {
  return {
    source: of.charge.source,
    chargeId: of.charge.chargeId,
    refundId: processorReferenceOf(of),
    reference: referenceOf(of),
    amountMinor: amountMinorOf(of),
    currency: of.charge.currency,
    timeMs: START_MS + 12 * HOUR + 1,
    ...shows,
  };
}

const byOthers = (of: Flag, amountMinor: number) =>
  listed(of, { reference: undefined, refundId: `other_${amountMinor}`, amountMinor });

describe('what a list says of one flag', () => {
  const one = refunded(1);
  const open = (status: FlagStatus) => moved(one, { status }).after;
  it.each<[string, Flag, readonly ListedRefund[], string]>([
    ['our refund as we have it', one, [listed(one)], 'agrees'],
    ['the same line again, from another page', one, [listed(one), listed(one)], 'agrees'],
    ['no id of the processor', one, [listed(one, { refundId: undefined })], 'agrees'],
    ['a refund made in error, which moved money too', open('refunded-in-error'), [listed(one)], 'agrees'],
    ['another amount', one, [listed(one, { amountMinor: 999 })], 'differs'],
    ['another currency', one, [listed(one, { currency: 'JPY' })], 'differs'],
    ['another charge', one, [listed(one, { chargeId: 'ch_9' })], 'differs'],
    ['another refund id', one, [listed(one, { refundId: 're_9' })], 'differs'],
    ['another attempt', one, [listed(one, { reference: referenceOf({ id: one.id, attempt: 3 }) })], 'differs'],
    ['two refunds in our name', one, [listed(one), listed(one, { refundId: 're_9' })], 'twice'],
    ['ours, and one by others', one, [listed(one), byOthers(one, 1)], 'twice'],
    ['one by others, though ours is done', one, [byOthers(one, 1)], 'twice'],
    ['one that failed for us', open('failed'), [listed(one)], 'not-known'],
    ['one that we dismissed', open('dismissed'), [listed(one)], 'not-known'],
    [
      'one whose outcome we gave up asking for',
      moved(one, { status: 'refunding', unanswered: true }).after,
      [listed(one)],
      'not-known',
    ],
    ['one that we are still asking about', open('refunding'), [listed(one)], 'on-its-way'],
    ['one by others of a charge that we hold', open('held'), [byOthers(one, 1_000)], 'by-others'],
    [
      'parts by others beside our part',
      refunded(1, { refundMinor: 600 }),
      [listed(one, { amountMinor: 600 }), byOthers(one, 400)],
      'agrees',
    ],
    [
      'parts that pass the amount',
      refunded(1, { refundMinor: 600 }),
      [listed(one, { amountMinor: 600 }), byOthers(one, 401)],
      'twice',
    ],
  ])('%s', (_, of, refunds, expected) => {
    const judged = judgeListed(of, refunds);
    expect(judged.kind === 'unreconciled' ? judged.what : judged.kind).toBe(expected);
  });
});

describe('a list of a day', () => {
  const day = { sources: new Set([WALLET]), fromMs: START_MS, toMs: START_MS + DAY };
  let store: MemoryCaseStore;
  let context: ReconcileContext;

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
  function losingTo(rival: () => Promise<unknown>): ReconcileContext {
    const rivals = [rival];
    const commit: MemoryCaseStore['commit'] = async (change) => {
      await rivals.pop()?.();
      return store.commit(change);
    };
    return { ...context, cases: { ...store, commit } };
  }

  it('that agrees is a table and nothing else', async () => {
    const flags = [refunded(1), refunded(2), moved(refunded(3), { status: 'held' }).after];
    await have(...flags);
    const before = store.allCases();
    const stranger = listed(refunded(77), { reference: undefined, amountMinor: 5 });
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
    const one = refunded(1);
    await have(one, refunded(2));
    const rest = [listed(refunded(2))];
    const { differences } = await reconcile(rest, day, context);
    expect(differences).toMatchObject([{ what: 'not-listed', chargeId: 'ch_1', caseId: one.caseId, known: false }]);
    expect(await caseOf(one)).toMatchObject({ status: 'open', unresolved: 1, unreconciled: 1, openings: 2 });
    expect((await store.auditOf(one.caseId)).at(-1)).toMatchObject({
      actor: 'ann',
      from: 'refunded',
      to: 'refunded',
      reason: 'reconcile: not-listed: we refunded 1000 CNY as re_1; the processor does not list it',
    });
    expect(await reconcile([...rest, listed(one)], day, context)).toMatchObject({ differences: [], resolved: 1 });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved', unresolved: 0, unreconciled: 0 });
    expect(await verifyCase(one.caseId, { cases: store, digests })).toMatchObject({
      check: { kind: 'intact', length: 3 },
    });
  });

  it('that is compared twice changes nothing the second time', async () => {
    const one = refunded(1);
    await have(one, refunded(2));
    const list = [listed(one, { amountMinor: 7 }), listed(refunded(9), { reference: referenceOf(refunded(9)) })];
    const first = await reconcile(list, day, context);
    const after = [store.allCases(), store.allFlags()];
    const second = await reconcile(list, day, context);
    expect([store.allCases(), store.allFlags()]).toEqual(after);
    expect(first.differences.map(({ known }) => known)).toEqual([false, false, false]);
    expect(second.differences).toEqual(first.differences.map((each) => ({ ...each, known: true })));
  });

  it('that has a refund in our name which no flag knows opens a case of its own, from which nothing is refunded', async () => {
    const stranger = listed(refunded(9), { merchant: 'm_9' });
    const { differences } = await reconcile([stranger], day, context);
    expect(differences).toMatchObject([{ what: 'not-known', chargeId: 'ch_9', known: false }]);
    const [unknown] = store.allFlags();
    expect(unknown).toMatchObject({
      status: 'reversed-externally',
      detector: 'reconcile',
      processorReference: 're_9',
      windows: [],
    });
    expect(unknown?.id).not.toBe(refunded(9).id);
    expect(store.allCases()).toMatchObject([{ status: 'open', merchant: 'm_9', unreconciled: 1, refundedMinor: 0 }]);
    expect(await verifyCase(unknown?.caseId ?? '', { cases: store, digests })).toMatchObject({
      check: { kind: 'intact', length: 1 },
    });
  });

  it('speaks for its own sources and time alone; what crosses its border is not missed', async () => {
    const elsewhere = refunded(1, { charge: charge({ chargeId: 'ch_1', source: BANK }) });
    const before = refunded(2, { claimedAtMs: START_MS - HOUR, refundedAtMs: START_MS - MINUTE });
    const after = refunded(3, { claimedAtMs: START_MS + DAY, refundedAtMs: START_MS + DAY + 1 });
    const across = refunded(4, { claimedAtMs: START_MS + DAY - 1, refundedAtMs: START_MS + DAY + 1 });
    await have(elsewhere, before, after, across);
    const { differences, rows } = await reconcile([], day, context);
    expect(differences).toEqual([]);
    expect(rows).toMatchObject([{ source: WALLET, ours: { count: 0 }, atBorder: { count: 1, valueMinor: 1_000 } }]);
    expect((await reconcile([listed(across)], day, context)).rows).toMatchObject([
      { ours: { count: 1 }, listed: { count: 1 }, atBorder: { count: 0 } },
    ]);
  });

  it('finds a refund whose flag was opened months before', async () => {
    await have(refunded(1, { openedAtMs: START_MS - 170 * DAY }));
    expect((await reconcile([], day, context)).differences).toHaveLength(1);
  });

  it('that is only looked at writes nothing', async () => {
    await have(refunded(1));
    const before = store.allCases();
    const dry = { ...context, dryRun: true };
    const { differences } = await reconcile([listed(refunded(9))], day, dry);
    expect(differences.map(({ what }) => what).toSorted()).toEqual(['not-known', 'not-listed']);
    expect(store.allCases()).toEqual(before);
  });

  it('is compared with hundreds of refunds, page by page', async () => {
    const flags = Array.from({ length: 350 }, (_, n) => refunded(n));
    await have(...flags);
    const list = flags.slice(5).map((each) => listed(each));
    const { differences, rows } = await reconcile(list, day, context);
    expect(differences.map(({ chargeId }) => chargeId).toSorted()).toEqual(['ch_0', 'ch_1', 'ch_2', 'ch_3', 'ch_4']);
    expect(rows).toMatchObject([{ ours: { count: 350, valueMinor: 350_000 }, listed: { count: 345 } }]);
  });

  it('differs no more once a person has explained it, and stays explained', async () => {
    const one = refunded(1);
    await have(one);
    await reconcile([], day, context);
    const explain = (flagId: string) => explainDiscrepancy({ flagId, by: 'ben', reason: 'a void' }, context);
    expect(await explain(one.id)).toEqual({ kind: 'explained' });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved', unreconciled: 0 });
    expect(await reconcile([], day, context)).toMatchObject({ differences: [], resolved: 0 });
    expect(await caseOf(one)).toMatchObject({ status: 'resolved' });
    expect([await explain(one.id), await explain('no')]).toEqual([{ kind: 'explained' }, { kind: 'unknown-flag' }]);
    expect((await store.auditOf(one.caseId)).at(-1)).toMatchObject({
      actor: 'ben',
      reason: expect.stringContaining('void'),
    });
  });

  it('tells the second of two operators who explain one discrepancy at once what the first one said', async () => {
    const one = refunded(1);
    await have(one);
    await reconcile([], day, context);
    const anns = { flagId: one.id, by: 'ann', reason: 'a void' };
    const first: Explained[] = [];
    const rival = losingTo(async () => first.push(await explainDiscrepancy(anns, context)));
    const second = await explainDiscrepancy({ flagId: one.id, by: 'ben', reason: 'in another list' }, rival);
    expect(first).toEqual([{ kind: 'explained' }]);
    expect(second).toEqual({
      ...{ kind: 'already-explained', caseId: one.caseId },
      explained: { by: 'ann', reason: 'a void', atMs: START_MS + 2 * DAY },
    });
    const reasons = (await store.auditOf(one.caseId)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason.startsWith('discrepancy explained'))).toEqual([
      'discrepancy explained: a void',
    ]);
  });

  it('has nothing to explain where a later list has settled the discrepancy, or none was found', async () => {
    const [one, two] = [refunded(1), refunded(2)];
    await have(one, two);
    await reconcile([listed(two)], day, context);
    await reconcile([listed(one), listed(two)], day, context);
    for (const { id } of [one, two]) {
      const outcome = await explainDiscrepancy({ flagId: id, by: 'ben', reason: 'a void' }, context);
      expect(outcome).toEqual({ kind: 'nothing-to-explain' });
    }
  });

  it('calls a discrepancy known that another run of the same list has marked first', async () => {
    const one = refunded(1);
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
    const one = refunded(1);
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
    const one = refunded(1);
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
