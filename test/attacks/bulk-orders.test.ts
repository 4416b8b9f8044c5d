import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryJobStore } from '../../adapters/memory/job-store.ts';
import { asIncidentId, asJobId } from '../../core/brands.ts';
import { caseMember, flagMember } from '../../core/incidents/totals.ts';
import { approvalSlice } from '../../core/jobs/bulk-approval.ts';
import type { Job } from '../../core/jobs/job.ts';
import { confirmOrder, orderApproval } from '../../core/jobs/order-approval.ts';
import type { BulkApprovalTask } from '../../core/jobs/task.ts';
import { hold } from '../../core/refunds/hold.ts';
import { AMOUNT_MINOR, captured, charge, DAY } from '../fixtures/charges.ts';
import type { RefundWorld } from '../fixtures/refund-world.ts';
import { movedMinor, nightOf, workAll } from './stolen-night.ts';

const COPIES = 5;
const RULES = { limitMinor: { CNY: 1 }, approverPerHourMinor: { CNY: AMOUNT_MINOR }, capPerHourMinor: { total: {} } };
const SUMS = { CNY: COPIES * AMOUNT_MINOR };

let world: RefundWorld;
let jobs: ReturnType<typeof createMemoryJobStore>;
beforeEach(async () => {
  world = await nightOf(COPIES, RULES);
  await workAll(world, COPIES);
  jobs = createMemoryJobStore();
});

type Order = Job<BulkApprovalTask>;

async function ordered(sums: BulkApprovalTask['sums'] = SUMS, incident = 'i_1'): Promise<Order> {
  const order = { incidentId: asIncidentId(incident), reason: 'the outage', withMonitored: false, sums, by: 'ann' };
  const job = await orderApproval(order, { ...world, jobs });
  return asOrder(job);
}

async function confirmed(order: Order): Promise<Order> {
  const outcome = await confirmOrder({ id: order.id, by: 'bob' }, { ...world, jobs });
  if (outcome.kind !== 'confirmed') throw new Error(`refused: ${outcome.reason}`);
  return asOrder(outcome.job);
}

function asOrder(job: Job): Order {
  if (job.task.kind !== 'bulk-approval') throw new Error('another task');
  return { ...job, task: job.task };
}

/** A role that writes Jobs puts the job, whose stream begins it. */
async function begin(job: Job) {
  const { cases } = world;
  const incidents = {
    membersOf: async () => [...cases.allCases().map(caseMember), ...cases.allFlags().map(flagMember)],
  };
  const context = { ...world, incidents, sleep: async () => {} };
  let counts: BulkApprovalTask['counts'] | undefined;
  for await (const { task } of approvalSlice(context)(job, () => false)) {
    if (task.kind === 'bulk-approval') counts = task.counts;
  }
  await workAll(world, COPIES);
  return counts;
}

it('C29: an order of one approver does not go on in the name of another too', async () => {
  const order = await ordered({ CNY: AMOUNT_MINOR });
  expect(order.status).toBe('queued');
  const word = { by: 'bob', atMs: order.createdAtMs, mac: 'x' };
  await expect(begin({ ...order, confirmed: word })).rejects.toMatchObject({ code: 'unauthentic' });
  expect(movedMinor(world)).toBe(0);
});

it('the order that these attacks abuse is carried out once another approver has confirmed it', async () => {
  const order = await ordered();
  expect(order.status).toBe('waiting');
  expect(await begin(await confirmed(order))).toMatchObject({ approved: COPIES });
  expect(movedMinor(world)).toBe(COPIES * AMOUNT_MINOR);
});

describe('an order that takes two approvers', () => {
  it.each<[string, (order: Order) => Job]>([
    ['begun by an item alone', (order) => ({ ...order, status: 'queued' })],
    ['that states to be for one', (order) => ({ ...order, task: { ...order.task, alone: true } })],
    [
      'with an invented second word',
      (order) => ({ ...order, confirmed: { by: 'bob', atMs: order.createdAtMs, mac: 'x' } }),
    ],
  ])('C23: %s approves nothing', async (_, forge) => {
    await expect(begin(forge(await ordered()))).rejects.toMatchObject({ code: 'unauthentic', retry: 'never' });
    expect(movedMinor(world)).toBe(0);
  });

  it('C24: is not confirmed by who gave it, nor under another name for the second word', async () => {
    const order = await ordered();
    const own = await confirmOrder({ id: order.id, by: 'ann' }, { ...world, jobs });
    expect(own).toEqual({ kind: 'refused', reason: 'own-order' });
    const { confirmed: word } = await confirmed(order);
    if (word === undefined) throw new Error('bob has confirmed');
    for (const by of ['ann', 'cat']) {
      await expect(begin({ ...order, confirmed: { ...word, by } })).rejects.toMatchObject({ code: 'unauthentic' });
    }
    expect(movedMinor(world)).toBe(0);
  });

  it('C25: is not confirmed by the second word on another incident', async () => {
    const order = await ordered();
    world.clock.nowMs += 1;
    const { confirmed: word } = await confirmed(await ordered(SUMS, 'i_2'));
    if (word === undefined) throw new Error('bob has confirmed');
    await expect(begin({ ...order, confirmed: word })).rejects.toMatchObject({ code: 'unauthentic' });
    expect(movedMinor(world)).toBe(0);
  });

  it('C26: approves nothing where its sums grew, and no second approver confirms it then', async () => {
    const order = await ordered({ CNY: 2 * AMOUNT_MINOR });
    const grown = { ...order, task: { ...order.task, sums: SUMS } };
    const word = (await confirmed(order)).confirmed;
    await expect(begin({ ...grown, ...(word && { confirmed: word }) })).rejects.toMatchObject({ code: 'unauthentic' });
    const another = { ...grown, id: asJobId('0'.repeat(32)) };
    await jobs.createJob(another);
    const outcome = await confirmOrder({ id: another.id, by: 'bob' }, { ...world, jobs });
    expect(outcome).toEqual({ kind: 'refused', reason: 'order-closed' });
    expect(movedMinor(world)).toBe(0);
  });

  it('C27: releases no more than its sums where it is put again, or more came to wait', async () => {
    const late = charge({ chargeId: 'one_late', order: 'o_late', payer: 'p_late' });
    const order = await confirmed(await ordered({ CNY: 2 * AMOUNT_MINOR }));
    world.clock.nowMs += 1;
    await world.deliver(captured(late), captured({ ...late, chargeId: 'copy_late' }));
    await world.work('copy_late');
    expect(await begin(order)).toMatchObject({ approved: 2, beyondSum: COPIES - 2 });
    // From its beginning, as if nothing had been done.
    await begin({ ...order, version: order.version + 9 });
    expect(movedMinor(world)).toBe(2 * AMOUNT_MINOR);
    expect(world.flagOn('copy_late')).toMatchObject({ status: 'held', approvals: [] });
    world.clock.nowMs += DAY;
    await expect(begin(order)).rejects.toMatchObject({ code: 'unauthentic' });
  });

  it('C30: covers no refund that came to wait for other reasons since it was given', async () => {
    const order = await ordered();
    world.clock.nowMs += 1;
    const { id: flagId, attempt } = world.flagOn('copy_0');
    await hold(
      { flagId, attempt, waitsFor: ['limit', 'mismatch'], token: 'anew' },
      { ...world, wake: async () => 'gone' },
    );
    expect(await begin(await confirmed(order))).toMatchObject({ approved: COPIES - 1, skipped: 0 });
    expect(world.flagOn('copy_0')).toMatchObject({ status: 'held', approvals: [] });
  });
});
