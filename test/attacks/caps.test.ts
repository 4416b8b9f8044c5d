import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { createOutflows } from '../../adapters/dynamodb/outflows.ts';
import { type CapRaise, confirmRaise, requestRaise } from '../../core/refunds/cap-raise.ts';
import { claim } from '../../core/refunds/claim.ts';
import { freeze } from '../../core/refunds/freeze.ts';
import { reverse } from '../../core/refunds/reverse.ts';
import { AMOUNT_MINOR, captured, charge, HOUR, MINUTE, orderClosed, START_MS, WALLET } from '../fixtures/charges.ts';
import { configuration, SOURCE } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { refundWorld } from '../fixtures/refund-world.ts';
import { createTable } from '../fixtures/tables.ts';
import { thaw } from '../fixtures/thaws.ts';
import {
  approveAll,
  BUDGET_MINOR,
  CAP_MINOR,
  CAPS,
  forgeAndReverse,
  forgetBudgets,
  movedMinor,
  nightOf,
  workAll,
} from './stolen-night.ts';

const REVIEWED = { limitMinor: { CNY: 1 } };

it('C1: an approver who approves every copy moves at most the cap of the hour', async () => {
  const world = await nightOf(20, REVIEWED);
  await workAll(world, 20);
  await approveAll(world, 20, 'ann');
  const ends = await workAll(world, 20);
  expect(movedMinor(world)).toBe(CAP_MINOR);
  expect(ends.filter(({ status }) => status === 'held')).toHaveLength(15);
});

it('C2: 200 forged closings as unpaid return at most the budget of the hour', async () => {
  const world = refundWorld(configuration({ refunds: CAPS }));
  const later = { timeMs: START_MS + MINUTE };
  for (let n = 0; n < 200; n++) {
    await world.deliver(captured(charge({ chargeId: `copy_${n}`, order: `o_${n}`, payer: `p_${n}` })));
    await world.deliver(orderClosed('unpaid', { ...later, order: `o_${n}` }));
  }
  const ends = await workAll(world, 200);
  expect(movedMinor(world)).toBe(BUDGET_MINOR);
  expect(ends.filter(({ status }) => status === 'held')).toHaveLength(197);
});

it('C3: a role that deletes the budgets of the hour moves at most its cap', async () => {
  const world = await nightOf(20, {});
  for (let n = 0; n < 20; n++) {
    await world.work(`copy_${n}`);
    forgetBudgets(world);
  }
  expect(movedMinor(world)).toBe(CAP_MINOR);
});

it('C4: a role that writes claims, reservations and flags by hand moves at most the cap', async () => {
  const world = await nightOf(20, {});
  for (let n = 0; n < 20; n++) await forgeAndReverse(world, `copy_${n}`);
  expect(movedMinor(world)).toBe(CAP_MINOR);
});

it('C5: a record that states an earlier call passes no cap', async () => {
  const world = await nightOf(20, {});
  for (let n = 0; n < 20; n++) await forgeAndReverse(world, `copy_${n}`, { called: true });
  expect(movedMinor(world)).toBe(CAP_MINOR);
});

it('C6: a reservation that grows after it was counted moves nothing', async () => {
  const world = await nightOf(1, {});
  const silent = {
    ...world,
    gatewayOf: () => ({ ...world.gatewayOf(WALLET), reverse: async () => ({ kind: 'pending' as const }) }),
  };
  await forgeAndReverse(silent, 'copy_0', { amountMinor: 1 });
  expect(await forgeAndReverse(world, 'copy_0', { called: true, amountMinor: AMOUNT_MINOR })).toMatchObject({
    next: 'end',
  });
  expect(movedMinor(world)).toBe(0);
});

it('C7: claims of several hours that are called in one hour move the cap of that hour', async () => {
  const world = await nightOf(20, {});
  for (let hour = 0; hour < 4; hour++) {
    for (let n = 5 * hour; n < 5 * hour + 5; n++)
      await claim({ flagId: world.flagOn(`copy_${n}`).id, attempt: 0 }, world);
    world.clock.nowMs += HOUR;
  }
  const claimed = world.cases.allFlags().filter(({ status }) => status === 'refunding');
  expect(claimed).toHaveLength(12);
  await freeze({ by: 'ann', reason: 'a bad release' }, world);
  await thaw({ by: 'ann', reason: 'it is mended' }, world);
  for (const { id } of claimed) await reverse({ flagId: id, attempt: 0 }, world);
  expect(movedMinor(world)).toBe(CAP_MINOR);
  world.clock.nowMs += HOUR - (world.clock.nowMs % HOUR);
  for (const { id } of claimed) await reverse({ flagId: id, attempt: 0 }, world);
  expect(movedMinor(world)).toBe(2 * CAP_MINOR);
});

it('C8: two approvals of a refund above the whole cap move nothing', async () => {
  const capPerHourMinor = { total: { CNY: AMOUNT_MINOR - 1 } };
  const world = await nightOf(1, {
    ...REVIEWED,
    budgetPerHourMinor: {},
    capPerHourMinor,
    twoPeopleAboveMinor: { CNY: 1 },
  });
  for (let round = 0; round < 3; round++) {
    await world.work('copy_0');
    await approveAll(world, 1, 'ann');
    await approveAll(world, 1, 'bob');
  }
  expect(await world.work('copy_0')).toMatchObject({ status: 'held', wait: { waitsFor: ['limit', 'above-cap'] } });
  expect(await forgeAndReverse(world, 'copy_0')).toMatchObject({ next: 'end' });
  expect(movedMinor(world)).toBe(0);
});

it('C9: a charge in a currency without a cap moves nothing, approved or forged', async () => {
  const sources = { [WALLET]: { ...SOURCE, currencies: ['JPY'] } };
  const world = await nightOf(1, {}, { sources });
  await world.work('copy_0');
  await approveAll(world, 1, 'ann');
  expect(await world.work('copy_0')).toMatchObject({ status: 'held' });
  await forgeAndReverse(world, 'copy_0');
  expect(movedMinor(world)).toBe(0);
});

it('C12: an attempt that loses its reservation before the call is not counted for another hour', async () => {
  const world = await nightOf(1, {});
  expect(await forgeAndReverse(world, 'copy_0', { isReservedOnce: true })).toMatchObject({ next: 'end' });
  expect(world.outflows.all()).toEqual([]);
  expect(movedMinor(world)).toBe(0);
});

describe('a raise of the cap', () => {
  /** Every copy is approved; the request of ann for the rest of the hour is answered as the attack wants. */
  async function raised(confirmedBy: string | undefined, forged: Partial<CapRaise> = {}) {
    const world = await nightOf(60, REVIEWED);
    const untilMs = START_MS + HOUR;
    const wanted = { currency: 'CNY', maxMinor: 2 * CAP_MINOR, untilMs, reason: 'a real outage', by: 'ann' };
    const outcome = await requestRaise(wanted, world);
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    if (confirmedBy !== undefined) await confirmRaise({ id: outcome.raise.id, by: confirmedBy }, world);
    if (Object.keys(forged).length > 0) {
      const read = await world.raises.raisesIn('CNY');
      const raise = { ...outcome.raise, confirmed: { by: 'bob', atMs: START_MS }, ...forged };
      await world.raises.replaceRaises({ currency: 'CNY', read, raises: [raise], act: raise });
    }
    await workAll(world, 60);
    await approveAll(world, 60, 'ann');
    return world;
  }

  it('lets twice the cap go where a second approver confirmed it', async () => {
    const world = await raised('bob');
    await workAll(world, 60);
    expect(movedMinor(world)).toBe(2 * CAP_MINOR);
  });

  it.each([
    ['C13: by one approver alone moves at most the cap', undefined],
    ['C14: that is confirmed by who asked for it moves at most the cap', 'ann'],
  ])('%s', async (_, confirmedBy) => {
    const world = await raised(confirmedBy);
    await workAll(world, 60);
    expect(movedMinor(world)).toBe(CAP_MINOR);
  });

  it('C15: that outlives its time moves at most the cap, claimed before its end or not', async () => {
    const world = await raised('bob');
    for (let n = 0; n < 10; n++) await claim({ flagId: world.flagOn(`copy_${n}`).id, attempt: 0 }, world);
    world.clock.nowMs = START_MS + HOUR;
    for (let n = 0; n < 10; n++) await reverse({ flagId: world.flagOn(`copy_${n}`).id, attempt: 0 }, world);
    await workAll(world, 60);
    expect(movedMinor(world)).toBe(CAP_MINOR);
  });

  it.each<[string, Partial<CapRaise>, number]>([
    ['C16: written by hand without a bound moves ten times the cap', { maxMinor: 10 ** 12 }, 10 * CAP_MINOR],
    ['C16: written by hand for a year moves the cap', { untilMs: START_MS + 365 * 24 * HOUR }, CAP_MINOR],
    [
      'C16: written by hand for a time to come moves the cap',
      { untilMs: START_MS + 365 * 24 * HOUR, requested: { by: 'ann', atMs: START_MS + 365 * 24 * HOUR } },
      CAP_MINOR,
    ],
    ['C16: written by hand for one approver moves the cap', { confirmed: { by: 'ann', atMs: START_MS } }, CAP_MINOR],
  ])('%s', async (_, forged, mostMinor) => {
    const world = await raised(undefined, forged);
    await workAll(world, 60);
    expect(movedMinor(world)).toBe(mostMinor);
  });
});

it('C17: an attempt that was counted calls for its own charge alone', async () => {
  const world = await nightOf(20, {});
  const counted = world.flagOn('copy_0');
  for (let n = 0; n < 20; n++) await forgeAndReverse(world, `copy_${n}`, { called: true, under: counted });
  expect(movedMinor(world)).toBe(AMOUNT_MINOR);
});

it('C17: a charge under the id of another is not called for, though nothing was counted for it: its own id would pay it again', async () => {
  const world = await nightOf(2, {});
  const forged = { called: true, under: world.flagOn('copy_0') } as const;
  expect(await forgeAndReverse(world, 'copy_1', forged)).toMatchObject({ next: 'end' });
  expect(movedMinor(world)).toBe(0);
});

it('C18: a flag that names another merchant or source reaches neither past a freeze nor to another processor', async () => {
  const world = await nightOf(1, {});
  const { merchant } = world.flagOn('copy_0').charge;
  await freeze({ merchant, by: 'ann', reason: 'a night' }, world);
  const other = { called: true, shows: { merchant: 'm_other' } } as const;
  expect(await forgeAndReverse(world, 'copy_0', other)).toMatchObject({ next: 'ask' });
  expect(movedMinor(world)).toBe(0);
  await thaw({ merchant, by: 'ann', reason: 'a morning' }, world);
  const asked: string[] = [];
  const gatewayOf: typeof world.gatewayOf = (source) => {
    asked.push(source);
    return world.gatewayOf(source);
  };
  const elsewhere = { called: true, shows: { source: '/processors/other' } } as const;
  await forgeAndReverse({ ...world, gatewayOf }, 'copy_0', elsewhere);
  expect(asked).toEqual([WALLET]);
});

describe('on DynamoDB', () => {
  let dynamodb: DynamoDbLocal;
  beforeAll(async () => {
    dynamodb = await startDynamoDbLocal();
  });
  afterAll(() => dynamodb?.stop());

  it('C10: refunds that race for the last room pass neither budget nor cap', async () => {
    const controls = { client: dynamodb.client, table: await createTable(dynamodb.client, 'controls') };
    const runtime = { random: Math.random, sleep: (ms: number) => wait(ms) };
    const world = await nightOf(12, REVIEWED);
    Object.assign(world, {
      budgets: createBudgets({ ...controls, ...runtime }),
      outflows: createOutflows({ ...controls, ...runtime }),
    });
    await workAll(world, 12);
    await approveAll(world, 12, 'ann');
    await Promise.all(Array.from({ length: 12 }, (_, n) => world.work(`copy_${n}`)));
    expect(movedMinor(world)).toBeGreaterThan(0);
    expect(movedMinor(world)).toBeLessThanOrEqual(CAP_MINOR);
  });

  it('C11: forged claims that race for the last room do not pass the cap', async () => {
    const controls = { client: dynamodb.client, table: await createTable(dynamodb.client, 'controls') };
    const world = await nightOf(12, {});
    Object.assign(world, { outflows: createOutflows({ ...controls, random: Math.random, sleep: (ms) => wait(ms) }) });
    await Promise.all(Array.from({ length: 12 }, (_, n) => forgeAndReverse(world, `copy_${n}`, { called: true })));
    expect(movedMinor(world)).toBeGreaterThan(0);
    expect(movedMinor(world)).toBeLessThanOrEqual(CAP_MINOR);
  });
});
