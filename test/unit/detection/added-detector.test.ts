import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../core/configuration/configuration.ts';
import { judgeBatch } from '../../../core/detection/judge.ts';
import { arrival, captured, charge, MINUTE, orderClosed, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const one = charge({ chargeId: 'one', payer: 'p_1' });
const two = charge({ chargeId: 'two', payer: 'p_2' });
const first = captured(one);
const second = captured(two, { timeMs: START_MS + MINUTE });

const rules = (...detectors: readonly unknown[]) => configuration({ detectors });

/** A world whose configuration a test replaces. */
function worldOf(before: Configuration): RefundWorld {
  return refundWorld(before);
}

function deploy(world: RefundWorld, after: Configuration): void {
  Object.assign(world, { configuration: after });
}

const filedIn = (world: RefundWorld, chargeId: string) =>
  world.records
    .all()
    .find((record) => record.chargeId === chargeId)
    ?.capture?.windows.map(({ detector }) => detector);

const entriesOf = (world: RefundWorld, detector: string) =>
  world.windows.all().flatMap((window) => (window.detector === detector ? window.entries : []));

describe('a capture that comes again under a detector added since', () => {
  it('is filed there, once, and its flag follows', async () => {
    const world = worldOf(rules(RAPID_REPEAT));
    await world.deliver(first, second);
    expect(world.cases.allFlags()).toEqual([]);
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    await world.deliver(first, second);
    expect(world.flagOn('two')).toMatchObject({ detector: 'same-order', original: { chargeId: 'one' } });
    expect(filedIn(world, 'two')).toEqual(['rapid-repeat', 'same-order']);
    await world.deliver(first, second);
    expect(entriesOf(world, 'same-order')).toHaveLength(2);
    expect(world.cases.allFlags()).toHaveLength(1);
  });

  it('is one that later copies repeat', async () => {
    const world = worldOf(rules(RAPID_REPEAT));
    await world.deliver(first);
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    await world.deliver(first, second);
    expect(world.flagOn('two')).toMatchObject({ detector: 'same-order', original: { chargeId: 'one' } });
  });

  it('leaves one state of a window that a new charge of the batch was filed in before', async () => {
    const world = worldOf(rules(RAPID_REPEAT));
    await world.deliver(first);
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    const arrivals = [first, second].map((event) => arrival(event, world.nowMs()));
    const { judgements, touched } = await judgeBatch(arrivals, world);
    expect(judgements).toMatchObject([{ verdict: { kind: 'original' }, replay: true }, { replay: false }]);
    const [inOrder, ...others] = touched.windows.filter(({ detector }) => detector === 'same-order');
    expect([inOrder?.entries.length, others.length]).toEqual([2, 0]);
  });

  it('keeps the time of its first telling there', async () => {
    const world = worldOf(rules(RAPID_REPEAT));
    await world.deliver(first);
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    await world.deliver(captured({ ...one, instrument: 'card_2' }, { timeMs: START_MS + MINUTE }), second);
    expect(entriesOf(world, 'same-order')).toMatchObject([{ timeMs: START_MS }, { timeMs: START_MS + MINUTE }]);
    expect(world.flagOn('two')).toMatchObject({ original: { chargeId: 'one' } });
  });

  it('keeps the verdict of its first telling, also under a stronger detector and after a crash', async () => {
    const copy = captured({ ...one, chargeId: 'copy', order: 'o_2' }, { timeMs: START_MS + MINUTE });
    const inOrder = captured({ ...one, chargeId: 'in order', order: 'o_2', payer: 'p_3' });
    const world = worldOf(rules(RAPID_REPEAT));
    await world.deliver(first, inOrder, copy);
    expect(world.flagOn('copy')).toMatchObject({ detector: 'rapid-repeat', original: { chargeId: 'one' } });
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    await world.deliver(inOrder);
    // The record learns of the new window, and the worker ends before it writes there.
    const died = { failed: new Error('died') };
    const dying = { ...world.windows, insertWindows: async (all: readonly unknown[]) => all.map(() => died) };
    const replaceWindow = () => Promise.reject(new Error('died'));
    const windows = world.windows;
    Object.assign(world, { windows: { ...dying, replaceWindow } });
    await world.deliver(copy);
    Object.assign(world, { windows });
    await world.deliver(copy);
    const entry = entriesOf(world, 'same-order').find(({ id }) => id === world.flagOn('copy').id);
    expect(entry?.verdict).toMatchObject({ kind: 'duplicate', detector: 'rapid-repeat' });
    expect(world.flagOn('copy')).toMatchObject({ detector: 'rapid-repeat', original: { chargeId: 'one' } });
  });

  it('is refunded under it by the flag that was raised before, once the detector is no longer new', async () => {
    const world = worldOf(rules(RAPID_REPEAT));
    world.since.set('same-order', 0);
    const copy = captured({ ...one, chargeId: 'copy' }, { timeMs: START_MS + MINUTE });
    await world.deliver(first, copy);
    deploy(world, rules(SAME_ORDER, RAPID_REPEAT));
    await world.deliver(first, copy, voided(one, { timeMs: START_MS + MINUTE }));
    expect(await world.work('copy')).toMatchObject({ status: 'dismissed', detector: 'rapid-repeat' });
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + 2 * MINUTE }));
    world.clock.nowMs = START_MS + 3 * MINUTE;
    expect(await world.work('copy')).toMatchObject({
      status: 'refunded',
      detector: 'same-order',
      restsOn: ['closings'],
    });
  });
});
