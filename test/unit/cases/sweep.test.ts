import { expect, it } from 'vitest';
import { withChanges } from '../../../core/cases/case.ts';
import { sweep } from '../../../core/cases/sweep.ts';
import { charge, DAY, HOUR } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { flag, opened } from '../../fixtures/flags.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

it('a burst that is started at a pace keeps no sweep from what else it must do', async () => {
  const world = refundWorld(configuration());
  const asked: string[] = [];
  const start = async ({ flagId }: { readonly flagId: string }) => {
    asked.push(flagId);
    return 'started' as const;
  };
  for (let n = 0; n < 500; n++) {
    const one = flag({ charge: charge({ chargeId: `ch_${n}` }), caseId: digests.hash128(`case ${n}`) });
    await world.cases.commit(withChanges(undefined, [opened(one)], digests));
  }
  const waiting = flag({ charge: charge({ chargeId: 'held' }), caseId: digests.hash128('held'), status: 'held' });
  const held = { ...waiting, holds: ['review'], waitsSinceMs: world.nowMs() - 6 * DAY } as const;
  await world.cases.commit(withChanges(undefined, [opened(held)], digests));
  world.clock.nowMs += HOUR;
  const swept = await sweep({ ...world, workflows: { ...world.workflows, start } });
  expect(swept).toMatchObject({ started: 400, escalated: 1 });
  expect(new Set(asked).size).toBe(400);
});
