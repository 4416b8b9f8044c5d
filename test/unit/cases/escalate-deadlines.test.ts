import { describe, expect, it } from 'vitest';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { asCaseId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import { changeFlags } from '../../../core/cases/change-flag.ts';
import { type EscalateContext, escalateDeadlines } from '../../../core/cases/escalate-deadlines.ts';
import { FLAG_STATUSES, type Flag, isResolved } from '../../../core/cases/flag.ts';
import { type VerifyContext, verifyCase } from '../../../core/cases/verify-cases.ts';
import { charge, DAY, HOUR, START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';
import { flag, moved, opened, type Shows } from '../../fixtures/flags.ts';

const DEADLINE = START_MS + 90 * DAY;

function held(n: number, shows: Shows<'held'> = {}): Flag {
  return flag({
    charge: charge({ chargeId: `ch_${n}` }),
    caseId: asCaseId(digests.hash128(`case ${n}`)),
    status: 'held',
    deadlineAtMs: DEADLINE,
    ...shows,
  });
}

async function contextOf(cases: readonly (readonly Flag[])[]) {
  const clock = { nowMs: START_MS };
  const store = createMemoryCaseStore();
  for (const flags of cases) await store.commit(withChanges(undefined, flags.map(opened), digests));
  const context: EscalateContext & VerifyContext = {
    cases: store,
    digests,
    nowMs: () => clock.nowMs,
    random: () => 0.5,
    sleep: async () => {},
  };
  return { context, clock, store };
}

describe('an unresolved case', () => {
  it('is marked ten days before its deadline, once, and the mark is in its chain', async () => {
    const { context, clock, store } = await contextOf([[held(1)]]);
    const { caseId } = held(1);
    clock.nowMs = DEADLINE - 10 * DAY - 1;
    expect(await escalateDeadlines(context)).toBe(0);
    clock.nowMs = DEADLINE - 10 * DAY;
    expect(await escalateDeadlines(context)).toBe(1);
    clock.nowMs = DEADLINE + DAY;
    expect(await escalateDeadlines(context)).toBe(0);
    expect(await store.readCase(caseId)).toMatchObject({ urgentSinceMs: DEADLINE - 10 * DAY, status: 'open' });
    expect((await store.auditOf(caseId)).at(-1)).toMatchObject({
      actor: 'system:sweep',
      from: 'held',
      to: 'held',
      reason: 'must be closed by 2025-02-08T16:00:00.000Z (mastercard 4834)',
    });
    expect(await verifyCase(caseId, context)).toMatchObject({ check: { kind: 'intact', length: 2 } });
  });

  it('is marked by the flag whose deadline comes first of those that are unresolved', async () => {
    const { caseId } = held(1);
    const flags = [
      held(1),
      held(2, { caseId, deadlineAtMs: DEADLINE - 2 }),
      held(3, { caseId, deadlineAtMs: DEADLINE - 1 }),
    ];
    const { context, clock, store } = await contextOf([flags]);
    clock.nowMs = DEADLINE - DAY;
    await changeFlags(
      [flags[1]!.id],
      ([two]) => (two?.status === 'held' ? [moved(two, { status: 'kept' })] : []),
      context,
    ); // three flags
    expect(await escalateDeadlines(context)).toBe(1);
    const marked = store.allFlags().filter(({ urgentSinceMs }) => urgentSinceMs !== undefined);
    expect(marked.map(({ charge: { chargeId } }) => chargeId)).toEqual(['ch_3']);
  });

  it('that opens again is marked again', async () => {
    const { context, clock, store } = await contextOf([[held(1)]]);
    const { id, caseId } = held(1);
    const becomes = (change: Shows) =>
      changeFlags([id], ([now]) => (now && now.status !== change.status ? [moved(now, change)] : []), context);
    clock.nowMs = DEADLINE;
    await escalateDeadlines(context);
    await becomes({ status: 'dismissed' });
    expect(await store.readCase(caseId)).not.toHaveProperty('urgentSinceMs');
    expect(await escalateDeadlines(context)).toBe(0);
    await becomes({ status: 'open' });
    expect(await store.readCase(caseId)).not.toHaveProperty('urgentSinceMs');
    expect(await escalateDeadlines(context)).toBe(1);
  });

  it('is left alone in its first hour, whatever its deadline', async () => {
    const { context, clock } = await contextOf([[held(1, { deadlineAtMs: START_MS + DAY })]]);
    clock.nowMs = START_MS + HOUR - 1;
    expect(await escalateDeadlines(context)).toBe(0);
    clock.nowMs = START_MS + HOUR;
    expect(await escalateDeadlines(context)).toBe(1);
  });

  it.each(FLAG_STATUSES)('is one whose flag is %s, if people must act on it still', async (status) => {
    const { context, clock } = await contextOf([[{ ...moved(held(1), { status }).after, version: 1 }]]);
    clock.nowMs = DEADLINE;
    expect(await escalateDeadlines(context)).toBe(isResolved(status) ? 0 : 1);
  });
});

describe('a night whose cases all come due at once', () => {
  it('is marked over several runs, each bounded, none twice', async () => {
    const { context, clock } = await contextOf(Array.from({ length: 1_234 }, (_, n) => [held(n)]));
    clock.nowMs = DEADLINE;
    const runs = [];
    for (let run = 0; run < 4; run++) runs.push(await escalateDeadlines(context));
    expect(runs).toEqual([500, 500, 234, 0]);
  });
});
