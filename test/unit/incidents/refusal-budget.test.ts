import { describe, expect, it } from 'vitest';
import { createMemoryRefusalStore } from '../../../adapters/memory/refusal-store.ts';
import type { BatchQuarantine, Quarantined, QuarantinedTogether } from '../../../core/events/quarantine.ts';
import { budgetedQuarantine } from '../../../core/incidents/refusal-budget.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { range } from './histories.ts';

const ACME = '/processors/acme';
const BUDGET = 100;

function refusedRecord(n: number, shows: Partial<Quarantined> = {}): Quarantined {
  const head = { id: `${n}`.padStart(32, '0'), reason: 'schema', detail: `detail ${n}`, source: ACME } as const;
  const bytes = { bytes: new Uint8Array(), byteCount: 10, isMasked: false, isTree: true };
  return { ...head, ...bytes, arrivedMs: START_MS, ...shows };
}

function world() {
  const alone: Quarantined[] = [];
  const together: QuarantinedTogether[] = [];
  let [open, openMax] = [0, 0];
  const during = async (act: () => void) => {
    openMax = Math.max(openMax, ++open);
    await new Promise(setImmediate);
    open -= 1;
    act();
  };
  const quarantine = {
    put: (record: Quarantined) => during(() => alone.push(record)),
    putTogether: (of: QuarantinedTogether) => during(() => together.push(of)),
  };
  const refusals = createMemoryRefusalStore({ countedMax: BUDGET });
  const settings = { refusals, sources: configuration(), digests, nowMs: () => START_MS };
  return {
    alone,
    together,
    openMax: () => openMax,
    quarantine,
    settings,
    budgeted: budgetedQuarantine({ quarantine, ...settings }),
  };
}

const isAllStored = (outcomes: Awaited<ReturnType<BatchQuarantine['putAll']>>) =>
  outcomes.every(({ kind }) => kind === 'stored');
const idsOf = ({ alone, together }: Pick<ReturnType<typeof world>, 'alone' | 'together'>) =>
  [...alone, ...together.flatMap(({ records }) => records)].map(({ id }) => id).sort();

describe('a budget of refused records', () => {
  it('gives a few records of a batch items of their own, and stores the others together', async () => {
    const of = world();
    const records = range(200).map((n) => refusedRecord(n));
    const outcomes = await of.budgeted.putAll(records);
    expect(isAllStored(outcomes)).toBe(true);
    expect(of.alone).toHaveLength(20);
    expect(of.together).toMatchObject([{ source: ACME, reason: 'schema' }]);
    expect(idsOf(of)).toEqual(records.map(({ id }) => id));
    expect(outcomes.filter((each) => each.kind === 'stored' && each.isTogether)).toHaveLength(180);
  });

  it('gives none of them an item once the budget of the hour is spent, and again in the next hour', async () => {
    const of = world();
    for (const batch of range(30)) await of.budgeted.putAll(range(10).map((n) => refusedRecord(10 * batch + n)));
    expect(of.alone).toHaveLength(BUDGET);
    expect(of.together).toHaveLength(20);
    const later = budgetedQuarantine({ ...of.settings, quarantine: of.quarantine, nowMs: () => START_MS + 3_600_000 });
    await later.putAll([refusedRecord(1_000), refusedRecord(1_001)]);
    expect(of.alone).toHaveLength(BUDGET + 2);
  });

  it('is of a source and a reason: a flood of one takes nothing from another', async () => {
    const of = world();
    for (const n of range(3)) await of.budgeted.putAll(range(200).map((m) => refusedRecord(200 * n + m)));
    await of.budgeted.putAll([refusedRecord(9_001, { reason: 'future' }), refusedRecord(9_002, { reason: 'future' })]);
    expect(of.alone.slice(-2).map(({ reason }) => reason)).toEqual(['future', 'future']);
  });

  it('keeps apart what differs in source, reason or whether it could be read', async () => {
    const of = world();
    const kinds = [{}, { reason: 'future' }, { isTree: false }, { source: undefined }] as const;
    for (const round of range(3)) {
      await of.budgeted.putAll(range(200).map((n) => refusedRecord(200 * round + n, kinds[n % kinds.length])));
    }
    for (const { reason, source, records } of of.together) {
      expect(new Set(records.map((record) => `${record.reason} ${record.source} ${record.isTree}`)).size).toBe(1);
      expect([records[0].reason, records[0].source]).toEqual([reason, source]);
    }
  });

  it('writes a bounded number of items for a batch of made-up names, and loses none of its records', async () => {
    const of = world();
    const records = range(200).map((n) => refusedRecord(n, { source: `/made-up/${n}`, reason: 'unknown-source' }));
    expect(isAllStored(await of.budgeted.putAll(records))).toBe(true);
    expect(of.alone.length + of.together.length).toBeLessThanOrEqual(20 + 8 + 1);
    expect(of.together.at(-1)?.source).toBeUndefined();
    expect(idsOf(of)).toEqual(records.map(({ id }) => id));
    expect(of.openMax()).toBeLessThanOrEqual(10);
  });

  it('stores equal records once, under the same id in whatever order they come', async () => {
    const [one, other] = [world(), world()];
    const spent = range(BUDGET).map((n) => refusedRecord(1_000 + n));
    const records = [...range(50), ...range(50)].map((n) => refusedRecord(n));
    for (const [of, batch] of [
      [one, records],
      [other, records.toReversed()],
    ] as const) {
      for (const record of spent) await of.budgeted.putAll([record]);
      await of.budgeted.putAll(batch);
    }
    expect(one.together).toMatchObject([{ id: other.together[0]?.id }]);
    expect(one.together[0]?.records).toHaveLength(50);
  });

  it('reports each record of a write that failed, and no other', async () => {
    const of = world();
    const broken = new Error('SlowDown');
    const quarantine = { ...of.quarantine, putTogether: () => Promise.reject(broken) };
    const outcomes = await budgetedQuarantine({ ...of.settings, quarantine }).putAll(
      range(60).map((n) => refusedRecord(n)),
    );
    expect(outcomes.filter(({ kind }) => kind === 'failed')).toHaveLength(40);
    expect(outcomes.slice(0, 20).every(({ kind }) => kind === 'stored')).toBe(true);
  });
});
