import { expect, it } from 'vitest';
import { asCaseId } from '../../../core/brands.ts';
import { withChanges } from '../../../core/cases/case.ts';
import type { CaseStore, Page } from '../../../core/cases/case-store.ts';
import type { Flag, FlagStatus } from '../../../core/cases/flag.ts';
import { hasStatus } from '../../../core/cases/flag.ts';
import { Fault } from '../../../core/fault.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { sweep } from '../../../core/refunds/sweep.ts';
import { charge, DAY, HOUR } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag, opened, wait } from '../../fixtures/flags.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

/** A store's list of flags by status, as a test has it. */
function listing(pageOf: (status: FlagStatus) => Page<Flag>): CaseStore['flagsByStatus'] {
  return async (status) => {
    const { items, ...rest } = pageOf(status);
    return { ...rest, items: items.filter((one) => hasStatus(one, status)) };
  };
}

it('a burst that is started at a pace keeps no sweep from what else it must do', async () => {
  const world = refundWorld(configuration());
  const asked: string[] = [];
  const start = async ({ flagId }: { readonly flagId: string }) => {
    asked.push(flagId);
    return 'started' as const;
  };
  for (let n = 0; n < 500; n++) {
    const one = flag({ charge: charge({ chargeId: `ch_${n}` }), caseId: asCaseId(digests.hash128(`case ${n}`)) });
    await world.cases.commit(withChanges(undefined, [opened(one)], digests));
  }
  const charged = { charge: charge({ chargeId: 'held' }), caseId: asCaseId(digests.hash128('held')) };
  const held = flag({ ...charged, status: 'held', wait: wait({ asked: { sinceMs: world.nowMs() - 6 * DAY } }) });
  await world.cases.commit(withChanges(undefined, [opened(held)], digests));
  world.clock.nowMs += HOUR;
  const swept = await sweep({ ...world, workflows: { ...world.workflows, start } });
  expect(swept).toMatchObject({ started: 400, escalated: 1 });
  expect(new Set(asked).size).toBe(400);
});

it('what only a freeze has held goes on after the thaw, however many wait for people before it', async () => {
  const world = refundWorld(configuration());
  const frozen = flag({ charge: charge({ chargeId: 'frozen' }), status: 'held', wait: wait({ waitsFor: ['frozen'] }) });
  await world.cases.commit(withChanges(undefined, [opened(frozen)], digests));
  const asked = flag({ status: 'held', wait: wait({ asked: { sinceMs: world.nowMs() } }) });
  const before = Array.from({ length: 400 }, (): Page<Flag> => ({ items: Array(100).fill(asked), cursor: 'more' }));
  const pages: Page<Flag>[] = [...before, { items: [frozen] }];
  const flagsByStatus = listing((status) => (status === 'held' ? pages.shift() : undefined) ?? { items: [] });
  const swept = await sweep({ ...world, cases: { ...world.cases, flagsByStatus } });
  expect(swept).toMatchObject({ released: 1, escalated: 0 });
  expect(world.flagOn('frozen')).toMatchObject({ status: 'approved' });
});

it('a refund that a freeze keeps waiting for weeks is not lost: it gets no other workflow', async () => {
  const world = refundWorld(configuration());
  const one = flag({ charge: charge({ chargeId: 'one' }), status: 'refunding' });
  await world.cases.commit(withChanges(undefined, [opened(one)], digests));
  world.clock.nowMs += 20 * DAY;
  await freeze({ by: 'ann', reason: 'a bad release' }, world);
  expect(await world.sweep()).toMatchObject({ started: 0 });
  await thaw({ by: 'ann', reason: 'rolled back' }, world);
  expect(await world.sweep()).toMatchObject({ started: 1 });
});

it('a hold that has come to wait for people since it was listed is not let go by a thaw', async () => {
  const world = refundWorld(configuration());
  const listed = flag({ status: 'held', wait: wait({ waitsFor: ['frozen'], token: 'token 1' }) });
  const now = { ...listed, wait: wait({ token: 'token 2', asked: { sinceMs: world.nowMs() } }) };
  await world.cases.commit(withChanges(undefined, [opened(now)], digests));
  const flagsByStatus = listing((status) => ({ items: status === 'held' ? [{ ...listed, version: 0 }] : [] }));
  await sweep({ ...world, cases: { ...world.cases, flagsByStatus } });
  expect(world.flagOn('ch_duplicate')).toMatchObject({ status: 'held', wait: { waitsFor: ['review'] } });
});

it('a list that cannot be read stops no other: the rest is swept, and then the run fails', async () => {
  const world = refundWorld(configuration());
  const one = flag({ charge: charge({ chargeId: 'one' }) });
  await world.cases.commit(withChanges(undefined, [opened(one)], digests));
  world.clock.nowMs += HOUR;
  const started: string[] = [];
  const start = async ({ flagId }: { readonly flagId: string }) => {
    started.push(flagId);
    return 'started' as const;
  };
  const unreadable = new Fault('unreadable-item', 'flag flag#9 flag cannot be read');
  const flagsByStatus: CaseStore['flagsByStatus'] = (status, page) =>
    status === 'held' ? Promise.reject(unreadable) : world.cases.flagsByStatus(status, page);
  const workflows = { ...world.workflows, start };
  await expect(sweep({ ...world, workflows, cases: { ...world.cases, flagsByStatus } })).rejects.toBe(unreadable);
  expect(started).toEqual([one.id]);
});
