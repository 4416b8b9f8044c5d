import { describe, expect, it } from 'vitest';
import { createMemoryBudgets } from '../../../adapters/memory/budgets.ts';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import { createMemoryWindowStore } from '../../../adapters/memory/window-store.ts';
import { asFingerprint } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import { type ReverseContext, reverse } from '../../../core/refunds/reverse.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag, opened } from '../../fixtures/flags.ts';

/** Waits are numbered from 0; after the ninth nobody asks again. */
const LAST_ASK = 9;

async function refunding() {
  const cases = createMemoryCaseStore();
  const windows = [{ detector: 'same-order', fingerprint: asFingerprint('same-order#k1#w') }];
  const one = flag({
    status: 'refunding',
    refundMinor: 12_900,
    claimedAtMs: START_MS,
    detector: 'same-order',
    windows,
  });
  await cases.commit(withChanges(undefined, [opened(one)], digests));
  const context: ReverseContext = {
    cases,
    digests,
    configuration: configuration(),
    configurationHash: 'hash',
    windows: createMemoryWindowStore(),
    budgets: createMemoryBudgets(),
    freezes: createMemoryFreezeStore(),
    nowMs: () => START_MS,
    random: () => 0,
    sleep: async () => {},
    gatewayOf: () => ({ reverse: async () => ({ kind: 'unknown', reason: 'no answer' }) }),
  };
  return { cases, context, attempt: { flagId: one.id, attempt: 0 } };
}

describe('a refund whose outcome stays unknown', () => {
  it('is marked for people after the last ask, once, and not before', async () => {
    const { cases, context, attempt } = await refunding();
    expect(await reverse({ ...attempt, asked: LAST_ASK - 1 }, context)).toMatchObject({ next: 'ask', asked: LAST_ASK });
    expect(cases.allFlags()[0]).not.toHaveProperty('unanswered');
    expect(await reverse({ ...attempt, asked: LAST_ASK }, context)).toMatchObject({ next: 'end' });
    expect(await reverse({ ...attempt, asked: LAST_ASK }, context)).toMatchObject({ next: 'end' });
    expect(cases.allFlags()).toMatchObject([{ status: 'refunding', unanswered: true, version: 2 }]);
  });
});
