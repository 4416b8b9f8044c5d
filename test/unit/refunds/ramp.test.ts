import { describe, expect, it } from 'vitest';
import { changedAttestations } from '../../../core/detection/attested-since.ts';
import type { Attestation } from '../../../core/events/source.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { AMOUNT_MINOR, captured, charge, DAY, HOUR, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const DAY_MAX = 2 * AMOUNT_MINOR;

/** Copies of a source that attests since a time, each of which would be refunded automatically. */
async function copies(count: number, { sinceMs = START_MS, maxMinor = DAY_MAX } = {}): Promise<RefundWorld> {
  const sources = { [WALLET]: { ...SOURCE, refundedPerDayMax: { CNY: maxMinor } } };
  const world = refundWorld(configuration({ sources }));
  const since = { 'single-charge': sinceMs, totals: sinceMs, closings: sinceMs };
  Object.assign(world, { attestedSince: async () => new Map([[WALLET, since]]) });
  for (let n = 0; n < count; n++) {
    const one = charge({ chargeId: `one_${n}`, order: `o_${n}`, payer: `p_${n}` });
    await world.deliver(captured(one), captured({ ...one, chargeId: `copy_${n}` }));
  }
  return world;
}

const statusesOf = async (world: RefundWorld, count: number) => {
  const found: string[] = [];
  for (let n = 0; n < count; n++) found.push((await world.work(`copy_${n}`)).status);
  return found;
};

describe('in the first week of an attestation', () => {
  it('automatic refunds go up to the bound of the day, and the next waits and says why', async () => {
    const world = await copies(3);
    expect(await statusesOf(world, 3)).toEqual(['refunded', 'refunded', 'held']);
    expect(world.flagOn('copy_2')).toMatchObject({
      wait: {
        waitsFor: ['budget'],
        facts: { budget: { ramp: { source: WALLET, day: '2024-11-10', maxMinor: DAY_MAX } } },
      },
    });
  });

  it('the refund goes on the next day, and not in the next hour', async () => {
    const world = await copies(3);
    await statusesOf(world, 3);
    world.clock.nowMs += HOUR;
    expect(await world.sweep()).toMatchObject({ released: 0 });
    world.clock.nowMs += DAY;
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('copy_2')).toMatchObject({ status: 'refunded' });
  });

  it('an approver is asked about a refund that no day has room for, and it goes on their word', async () => {
    const world = await copies(1, { maxMinor: AMOUNT_MINOR - 1 });
    expect(await statusesOf(world, 1)).toEqual(['held']);
    const flag = world.flagOn('copy_0');
    expect(flag).toMatchObject({
      wait: { waitsFor: ['limit'], facts: { limit: { limitMinor: AMOUNT_MINOR - 1 } } },
    });
    await approve({ flagId: flag.id, by: 'ann', reason: 'a copy' }, world);
    expect(await world.work('copy_0')).toMatchObject({ status: 'refunded' });
  });

  it('approved refunds go beyond the bound', async () => {
    const world = await copies(3);
    await statusesOf(world, 3);
    await approve({ flagId: world.flagOn('copy_2').id, by: 'ann', reason: 'a copy' }, world);
    expect(await world.work('copy_2')).toMatchObject({ status: 'refunded' });
  });

  it('an attestation that no function has noted yet counts as new', async () => {
    const world = await copies(3);
    Object.assign(world, { attestedSince: async () => new Map() });
    expect(await statusesOf(world, 3)).toEqual(['refunded', 'refunded', 'held']);
  });

  it('the bound is over after a week, and not a millisecond before', async () => {
    const old = await copies(3, { sinceMs: START_MS - 7 * DAY });
    expect(await statusesOf(old, 3)).toEqual(['refunded', 'refunded', 'refunded']);
    const young = await copies(3, { sinceMs: START_MS - 7 * DAY + 1 });
    expect(await statusesOf(young, 3)).toEqual(['refunded', 'refunded', 'held']);
  });
});

describe('since when a source attests', () => {
  const source = (...attests: readonly Attestation[]) => [{ id: WALLET, attests: new Set(attests) }];

  it('is kept while the registry has it, and is anew for one that comes back', () => {
    const first = changedAttestations(new Map(), source('totals'), 1);
    expect(first).toEqual(new Map([[WALLET, { totals: 1 }]]));
    const added = changedAttestations(first, source('totals', 'single-charge'), 2);
    expect(added).toEqual(new Map([[WALLET, { totals: 1, 'single-charge': 2 }]]));
    const without = changedAttestations(added, source('single-charge'), 3);
    expect(changedAttestations(without, source('totals', 'single-charge'), 4)).toEqual(
      new Map([[WALLET, { totals: 4, 'single-charge': 2 }]]),
    );
  });

  it('is forgotten with the source', () => {
    const first = changedAttestations(new Map(), source('totals'), 1);
    const gone = changedAttestations(first, [], 2);
    expect(changedAttestations(gone, source('totals'), 3)).toEqual(new Map([[WALLET, { totals: 3 }]]));
  });

  it('is the same list where nothing has changed', () => {
    const first = changedAttestations(new Map(), source('totals', 'closings'), 1);
    expect(changedAttestations(first, source('closings', 'totals'), 9)).toBe(first);
  });
});
