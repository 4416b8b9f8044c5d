import { describe, expect, it } from 'vitest';
import { createDigests } from '../../../adapters/crypto/digests.ts';
import type { Configuration } from '../../../core/configuration/configuration.ts';
import { movedNamespaces } from '../../../core/detection/source-namespaces.ts';
import { captured, charge, DAY, MINUTE, orderClosed, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, digests, REGISTRY } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const next = createDigests({ version: 'k2', key: 'the next key' });
const one = captured(charge({ chargeId: 'one' }));
const two = captured(charge({ chargeId: 'two' }), { timeMs: START_MS + MINUTE });
const three = captured(charge({ chargeId: 'three' }), { timeMs: START_MS + 2 * MINUTE });

const withDigests = (world: RefundWorld, now: RefundWorld['digests']) => Object.assign(world, { digests: now });

const namespacesAfter = (moved: Configuration, { nowMs }: RefundWorld) =>
  movedNamespaces(movedNamespaces(new Map(), configuration().sources, START_MS), moved.sources, nowMs());

function move(world: RefundWorld): void {
  const moved = configuration({ sources: { ...REGISTRY, [WALLET]: { ...REGISTRY[WALLET], namespace: 'moved' } } });
  Object.assign(world, { configuration: moved, namespaces: namespacesAfter(moved, world) });
}

describe('a fingerprint key that is rotated between two charges of an order', () => {
  it('hides no copy, and keeps no refund of it', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one);
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(two);
    expect(world.flagOn('two')).toMatchObject({ original: { chargeId: 'one' } });
    expect(await world.work('two')).toMatchObject({ status: 'refunded', restsOn: ['single-charge'] });
  });

  it('is known to a worker that still uses the key of before, once it is announced', async () => {
    const world = refundWorld(configuration());
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(one);
    withDigests(world, { ...digests, others: [next] });
    await world.deliver(two);
    expect(world.flagOn('two')).toMatchObject({ original: { chargeId: 'one' } });
  });

  it('brings a closing to the window of its order', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one);
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + MINUTE }));
    expect(world.flagOn('one')).toMatchObject({ status: 'open', detector: 'same-order' });
  });

  it('brings a charge to the window of its order, though only a closing came before', async () => {
    const world = refundWorld(configuration());
    await world.deliver(orderClosed('unpaid', { timeMs: START_MS + MINUTE }));
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(one);
    expect(world.flagOn('one')).toMatchObject({ status: 'open', detector: 'same-order' });
  });

  it('begins the windows of other orders with the new key, and reads nothing more once the old one is gone', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one);
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(captured(charge({ chargeId: 'four', order: 'o_4', payer: 'p_4' })));
    const versions = world.windows.all().map(({ fingerprint }) => fingerprint.split('#')[1]);
    expect(versions.sort()).toEqual([digests.keyVersion, digests.keyVersion, 'k2', 'k2']);
    withDigests(world, next);
    let reads = 0;
    const { readWindows } = world.windows;
    Object.assign(world, {
      windows: {
        ...world.windows,
        readWindows: (...asked: Parameters<typeof readWindows>) => {
          reads += 1;
          return readWindows(...asked);
        },
      },
    });
    await world.deliver(captured(charge({ chargeId: 'five', order: 'o_5', payer: 'p_5' })));
    expect(reads).toBe(0);
  });

  it('keeps the verdict of each charge that comes again', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one, two);
    withDigests(world, { ...next, others: [digests] });
    await world.deliver(three, two, one);
    expect(world.cases.allFlags().map(({ charge }) => charge.chargeId)).toEqual(['two', 'three']);
    for (const id of ['two', 'three']) expect(await world.work(id)).toMatchObject({ status: 'refunded' });
    expect(world.refunds.size).toBe(2);
  });
});

describe('a source that moves into another namespace between two charges of an order', () => {
  it('hides no copy, which waits for an approver', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one);
    move(world);
    await world.deliver(two);
    expect(world.flagOn('two')).toMatchObject({ original: { chargeId: 'one' } });
    expect(await world.work('two')).toMatchObject({ status: 'held', wait: { waitsFor: ['configuration-changed'] } });
    expect(world.refunds.size).toBe(0);
  });

  it('refunds automatically what was charged and repeated after the move', async () => {
    const world = refundWorld(configuration());
    move(world);
    await world.deliver(one, two);
    expect(await world.work('two')).toMatchObject({ status: 'refunded' });
  });

  it('begins a window anew once the one of before is forgotten', async () => {
    const world = refundWorld(configuration());
    await world.deliver(one);
    move(world);
    world.clock.nowMs = START_MS + 16 * DAY;
    await world.deliver(captured(charge({ chargeId: 'late' }), { timeMs: START_MS + 16 * DAY }));
    expect(world.records.all().find(({ chargeId }) => chargeId === 'late')?.capture?.windows).not.toContainEqual(
      expect.objectContaining({ formerNamespace: expect.anything() }),
    );
  });
});
