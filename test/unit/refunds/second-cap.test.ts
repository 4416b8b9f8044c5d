import { describe, expect, it } from 'vitest';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { captured, charge, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';
import { refundWorld } from '../../fixtures/refund-world.ts';

const AMOUNT_MINOR = 12_900;
const HOUR_MS = 3_600_000;
const ASKED = { limitMinor: { CNY: 1 } };

type Shows = Readonly<Record<string, unknown>>;

/** Surplus charges `copy_0`, `copy_1`… in orders of their own. */
async function worldWith(refunds: Shows, { copies = 3, ...shows }: Shows & { readonly copies?: number } = {}) {
  const world = refundWorld(configuration({ refunds, ...shows }));
  for (let n = 0; n < copies; n++) {
    const one = charge({ chargeId: `one_${n}`, order: `o_${n}`, payer: `p_${n}` });
    await world.deliver(captured(one), captured({ ...one, chargeId: `copy_${n}` }));
  }
  const approveAndWork = async (chargeId: string) => {
    await approve({ flagId: world.flagOn(chargeId).id, by: 'ann', reason: 'it is one too many' }, world);
    return world.work(chargeId);
  };
  return { world, approveAndWork };
}

describe('the second cap', () => {
  it.each<[string, Shows]>([
    ['of all merchants', { total: { CNY: 2 * AMOUNT_MINOR } }],
    ['of the merchant', { merchant: { CNY: 2 * AMOUNT_MINOR } }],
  ])('keeps the approved refund beyond it waiting, and lets it go in the next hour: %s', async (_, capPerHourMinor) => {
    const { world, approveAndWork } = await worldWith({ ...ASKED, capPerHourMinor });
    for (const n of [0, 1, 2]) await world.work(`copy_${n}`);
    const ends = [await approveAndWork('copy_0'), await approveAndWork('copy_1'), await approveAndWork('copy_2')];
    expect(ends.map(({ status }) => status)).toEqual(['refunded', 'refunded', 'held']);
    expect(ends[2]).toMatchObject({
      wait: { waitsFor: ['budget'], facts: { budget: { of: 'all-refunds' } } },
      approvals: [{ by: 'ann' }],
    });
    world.clock.nowMs += HOUR_MS;
    expect(await world.sweep()).toMatchObject({ released: 1 });
    expect(await world.work('copy_2')).toMatchObject({ status: 'refunded', approvals: [{ by: 'ann' }] });
  });

  it('counts automatic and approved refunds together', async () => {
    const capPerHourMinor = { total: { CNY: 2 * AMOUNT_MINOR } };
    const { world, approveAndWork } = await worldWith({
      budgetPerHourMinor: { total: { CNY: AMOUNT_MINOR } },
      capPerHourMinor,
    });
    expect(await world.work('copy_0')).toMatchObject({ status: 'refunded' });
    expect(await world.work('copy_1')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
    const limited = configuration({ refunds: { ...ASKED, capPerHourMinor } });
    Object.assign(world, { configuration: limited });
    await world.work('copy_2');
    expect(await approveAndWork('copy_2')).toMatchObject({ status: 'refunded' });
    expect([...world.refunds.values()]).toEqual([AMOUNT_MINOR, AMOUNT_MINOR]);
  });

  it('is replaced by the cap of a merchant in its own currencies', async () => {
    const capPerHourMinor = { merchant: { CNY: AMOUNT_MINOR } };
    const { world, approveAndWork } = await worldWith(
      { ...ASKED, capPerHourMinor },
      { copies: 2, merchants: { m_1: { capPerHourMinor: { CNY: 2 * AMOUNT_MINOR } } } },
    );
    for (const n of [0, 1]) await world.work(`copy_${n}`);
    await approveAndWork('copy_0');
    expect(await approveAndWork('copy_1')).toMatchObject({ status: 'refunded' });
  });

  it('binds automatic refunds where no budget does', async () => {
    const { world } = await worldWith({ capPerHourMinor: { total: { CNY: AMOUNT_MINOR } } });
    expect(await world.work('copy_0')).toMatchObject({ status: 'refunded' });
    expect(await world.work('copy_1')).toMatchObject({ status: 'held', wait: { waitsFor: ['budget'] } });
  });
});

describe('a refund above the whole second cap', () => {
  const capPerHourMinor = { total: { CNY: AMOUNT_MINOR - 1 } };

  it('waits for an approver with all reasons, and an approval does not let it go', async () => {
    const { world, approveAndWork } = await worldWith({ ...ASKED, capPerHourMinor });
    expect(await world.work('copy_0')).toMatchObject({ wait: { waitsFor: ['limit'] } });
    expect(await approveAndWork('copy_0')).toMatchObject({
      status: 'held',
      wait: {
        waitsFor: ['limit', 'above-cap'],
        facts: { 'above-cap': { capMinor: AMOUNT_MINOR - 1 } },
        asked: { sinceMs: world.clock.nowMs },
      },
      approvals: [],
    });
    expect(await approveAndWork('copy_0')).toMatchObject({ status: 'held', approvals: [] });
    expect(world.refunds.size).toBe(0);
  });

  it('goes by one approval once the cap is higher', async () => {
    const { world, approveAndWork } = await worldWith({ ...ASKED, capPerHourMinor });
    await world.work('copy_0');
    await approveAndWork('copy_0');
    Object.assign(world, { configuration: configuration({ refunds: ASKED }) });
    expect(await approveAndWork('copy_0')).toMatchObject({ status: 'refunded' });
  });

  it('waits in a currency that the registry does not name, also when it is approved', async () => {
    const sources = { [WALLET]: { ...SOURCE, currencies: ['JPY'] } };
    const { world, approveAndWork } = await worldWith({}, { sources, copies: 1 });
    expect(await world.work('copy_0')).toMatchObject({ wait: { waitsFor: ['limit'] } });
    expect(await approveAndWork('copy_0')).toMatchObject({ wait: { waitsFor: ['limit', 'above-cap'] } });
  });
});
