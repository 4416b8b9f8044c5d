import { describe, expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { captured, charge, DAY, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';
import { thaw } from '../../fixtures/thaws.ts';

type Shows = Readonly<Record<string, unknown>>;

const BY_ANN = { by: 'ann', reason: 'a bad rule' };
const one = charge({ chargeId: 'one', mcc: '5311' });
const two = charge({ chargeId: 'two', mcc: '5311' });
const CHANGES: [string, Shows][] = [
  ['the category is exempt', { detectors: [{ ...SAME_ORDER, exempt: { mcc: ['5311'] } }, RAPID_REPEAT] }],
  ['the detector only reviews', { detectors: [{ ...SAME_ORDER, action: 'review' }, RAPID_REPEAT] }],
  ['the detector is gone', { detectors: [RAPID_REPEAT] }],
  ['its key is another one', { detectors: [{ ...SAME_ORDER, same: ['amount', 'currency', 'part', 'payer'] }] }],
];

async function flagged() {
  const world = refundWorld(configuration());
  await world.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
  return world;
}

describe('freeze, mend the rule, thaw', () => {
  it.each(CHANGES)('leaves a flag of before to an approver: %s', async (_, after) => {
    const world = await flagged();
    await freeze(BY_ANN, world);
    await world.work('two');
    Object.assign(world, { configuration: configuration(after), configurationHash: 'configuration-2' });
    await thaw(BY_ANN, world);
    await world.sweep();
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['configuration-changed'] } });
    expect(world.refunds.size).toBe(0);
  });

  it.each(CHANGES)('calls no gateway for a claim of before: %s', async (_, after) => {
    const world = await flagged();
    await claim({ flagId: world.flagOn('two').id, attempt: 0 }, world);
    await freeze(BY_ANN, world);
    world.clock.nowMs += DAY;
    Object.assign(world, { configuration: configuration(after), configurationHash: 'configuration-2' });
    await thaw(BY_ANN, world);
    await world.work('two');
    expect(world.refunds.size).toBe(0);
  });

  it('stays a rule of before where the flag opens anew, and an approver who sees it lets the refund go', async () => {
    const world = await flagged();
    await claim({ flagId: world.flagOn('two').id, attempt: 0 }, world);
    const after = { detectors: [{ ...SAME_ORDER, same: ['amount', 'currency', 'part', 'payer'] }, RAPID_REPEAT] };
    Object.assign(world, { configuration: configuration(after), configurationHash: 'configuration-2' });
    await world.work('two');
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 1 });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['configuration-changed'] } });
    await approve({ flagId: world.flagOn('two').id, by: 'ann', reason: 'a copy by any rule' }, world);
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['approval'] });
  });
});
