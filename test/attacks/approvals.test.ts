import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asIncidentId } from '../../core/brands.ts';
import type { Approval, Flag } from '../../core/cases/flag.ts';
import { approvalSlice } from '../../core/jobs/bulk-approval.ts';
import { type Job, newJob } from '../../core/jobs/job.ts';
import { withJobMac } from '../../core/jobs/job-mac.ts';
import { type BulkApprovalTask, NO_COUNTS } from '../../core/jobs/task.ts';
import { claim } from '../../core/refunds/claim.ts';
import { approve } from '../../core/refunds/decide-hold.ts';
import { reverse } from '../../core/refunds/reverse.ts';
import { captured, charge, DAY, MINUTE, START_MS } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { idOf } from '../fixtures/views.ts';
import { createStack } from './stack.ts';

const LIMITED = configuration({ refunds: { limitMinor: { CNY: 20_000 }, twoPeopleAboveMinor: { CNY: 50_000 } } });
/** Above the limit, and below what takes two approvers. */
const DEAR_MINOR = 40_000;
const DEAREST_MINOR = 90_000;

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb.stop());

/** A duplicate above the limit: its refund waits for an approver, or for two. */
async function waiting(amountMinor = DEAR_MINOR) {
  const stack = await createStack(dynamodb, LIMITED);
  const pair = (order: string) =>
    ['one', 'two'].map((name) => charge({ chargeId: `${order} ${name}`, order, amountMinor }));
  const [one, two] = pair('o_1');
  if (one === undefined || two === undefined) throw new Error('a pair has two');
  await stack.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
  const id = idOf(two);
  expect(await stack.work(id)).toMatchObject({ status: 'held', wait: { waitsFor: ['limit'] } });
  const approves = (by: string, flagId = id) => approve({ flagId, by, reason: 'a copy' }, stack);
  return { stack, id, one, two, approves };
}

/** What a role that may write Cases puts: the flag goes on, with these approvals. */
function letGo(flag: Flag, approvals: readonly Approval[]): Flag {
  if (flag.status !== 'held' && flag.status !== 'approved') throw new Error(`the flag is ${flag.status}`);
  return { ...flag, status: 'approved', approvals, version: flag.version + 1 };
}

function forgedBy(by: string, mac?: string): Approval {
  return { by, atMs: START_MS, reason: 'a forgery', saw: ['limit'], ...(mac !== undefined && { mac }) };
}

it('the refund that these attacks abuse goes on the approval of an approver', async () => {
  const { stack, id, approves } = await waiting();
  expect(await approves('ann')).toMatchObject({ kind: 'done' });
  expect(await stack.work(id)).toMatchObject({ status: 'refunded' });
  expect(stack.forged).toEqual([]);
});

describe('an approval that no approver has given', () => {
  it.each([
    ['without a MAC', undefined],
    ['with an invented MAC', randomBytes(32).toString('base64url')],
    ['with a MAC of no bytes', ''],
  ])('A1: %s counts for nothing, is taken off and alerts', async (_, mac) => {
    const { stack, id } = await waiting();
    await stack.putFlag(letGo(await stack.readFlag(id), [forgedBy('ann', mac)]));
    expect(await stack.work(id)).toMatchObject({ status: 'held', approvals: [], wait: { waitsFor: ['limit'] } });
    expect(stack.refunds.size).toBe(0);
    expect(stack.forged).toEqual([{ flagId: id, count: 1 }]);
    const audit = await stack.cases.auditOf((await stack.readFlag(id)).caseId);
    expect(audit.map(({ actor }) => actor)).toContain('system:approvals');
  });

  it('A2: of another flag counts for nothing on this one', async () => {
    const { stack, id, approves } = await waiting();
    const others = ['three', 'four'].map((chargeId) => charge({ chargeId, order: 'o_2', amountMinor: DEAR_MINOR }));
    for (const [at, of] of others.entries()) await stack.deliver(captured(of, { timeMs: START_MS + at * MINUTE }));
    const [, other] = others.map(idOf);
    if (other === undefined) throw new Error('there are two');
    await stack.work(other);
    await approves('ann', other);
    await stack.putFlag(letGo(await stack.readFlag(id), (await stack.readFlag(other)).approvals));
    expect(await stack.work(id)).toMatchObject({ status: 'held', approvals: [] });
    expect(stack.refunds.size).toBe(0);
  });

  it('A3: that a failed attempt has spent counts for nothing in the next', async () => {
    const { stack, id, approves } = await waiting();
    await approves('ann');
    const { approvals } = await stack.readFlag(id);
    stack.processor.refuses = true;
    const failed = await stack.work(id);
    expect(failed).toMatchObject({ status: 'failed', approvals: [] });
    stack.processor.refuses = false;
    const { version, attempt } = failed;
    const opened = { ...factsOf(failed), status: 'open', approvals, attempt: attempt + 1, version: version + 1 };
    await stack.putFlag(opened as Flag);
    expect(await stack.work(id)).toMatchObject({ status: 'held', approvals: [] });
    expect(stack.refunds.size).toBe(0);
  });
});

describe('an approval that an approver has given', () => {
  it('A4: counts once where it is put twice', async () => {
    const { stack, id, approves } = await waiting(DEAREST_MINOR);
    expect(await approves('ann')).toMatchObject({ kind: 'needs-another' });
    const { approvals } = await stack.readFlag(id);
    await stack.putFlag(letGo(await stack.readFlag(id), [...approvals, ...approvals]));
    expect(await stack.work(id)).toMatchObject({ status: 'held' });
    expect(stack.refunds.size).toBe(0);
  });

  it('A5: counts for no second approver under another name', async () => {
    const { stack, id, approves } = await waiting(DEAREST_MINOR);
    await approves('ann');
    const { approvals } = await stack.readFlag(id);
    const renamed = approvals.map((approval) => ({ ...approval, by: 'bob' }));
    await stack.putFlag(letGo(await stack.readFlag(id), [...approvals, ...renamed]));
    expect(await stack.work(id)).toMatchObject({ status: 'held' });
    expect(stack.refunds.size).toBe(0);
  });

  it.each<[string, (flag: Flag) => Partial<Flag>]>([
    ['another amount', ({ charge: of }) => ({ charge: { ...of, amountMinor: of.amountMinor + 1 } })],
    ['another currency', ({ charge: of }) => ({ charge: { ...of, currency: 'JPY' } })],
    ['another charge', ({ charge: of }) => ({ charge: { ...of, chargeId: 'another' } })],
  ])('A6: counts for nothing where the flag is of %s', async (_, change) => {
    const { stack, id, approves } = await waiting();
    await approves('ann');
    const approved = await stack.readFlag(id);
    await stack.putFlag({ ...approved, ...change(approved), version: approved.version + 1 } as Flag);
    // Where its charge is another, the flag is not one that our code has written: the workflow ends with a bug.
    await stack.work(id).catch(() => {});
    expect(stack.refunds.size).toBe(0);
  });

  it.each<[string, Partial<Approval>]>([
    ['reasons that it has not seen', { saw: ['limit', 'other-payer', 'may-split'] }],
    ['another reason in words', { reason: 'as I was asked' }],
    ['another time', { atMs: START_MS + MINUTE }],
    ['facts that it has not seen', { facts: {} }],
  ])('A7: counts for nothing with %s', async (_, shows) => {
    const { stack, id, approves } = await waiting();
    await approves('ann');
    const { approvals } = await stack.readFlag(id);
    await stack.putFlag(
      letGo(
        await stack.readFlag(id),
        approvals.map((approval) => ({ ...approval, ...shows })),
      ),
    );
    expect(await stack.work(id)).toMatchObject({ status: 'held', approvals: [] });
    expect(stack.refunds.size).toBe(0);
  });

  it('A8: is not completed by a forged first one', async () => {
    const { stack, id, approves } = await waiting(DEAREST_MINOR);
    const held = await stack.readFlag(id);
    await stack.putFlag({ ...held, approvals: [forgedBy('bob', 'x')], version: held.version + 1 });
    expect(await approves('ann')).toMatchObject({ kind: 'needs-another', flag: { approvals: [{ by: 'ann' }] } });
  });

  it('A9: that is gone when the gateway is to be called stops the call, and the claim is returned', async () => {
    const { stack, id, approves } = await waiting();
    await approves('ann');
    const attempt = { flagId: id, attempt: 0 };
    expect(await claim(attempt, stack)).toMatchObject({ next: 'reverse' });
    const refunding = await stack.readFlag(id);
    await stack.putFlag({ ...refunding, approvals: [forgedBy('ann', 'x')], version: refunding.version + 1 });
    expect(await reverse(attempt, stack)).toMatchObject({ next: 'end' });
    expect(stack.refunds.size).toBe(0);
    expect((await stack.readRecord(id)).ours).toEqual({ attempt: 0, state: 'denied' });
    expect(await stack.work(id)).toMatchObject({ status: 'held', attempt: 1 });
  });
});

it.each([{}, { called: true as const }])('A13: an approval lets no larger amount go (marked %o)', async (mark) => {
  const { stack, id, two, approves } = await waiting();
  await approves('ann');
  // A stolen role raises record, claim and reservation. The flag keeps the amount of the approval's MAC.
  const raised = { refundMinor: DEAR_MINOR + 5_000, restsOn: ['approval'] as const };
  const { source, chargeId, currency } = two;
  const record = await stack.readRecord(id);
  const claimedAtMs = stack.nowMs();
  const ours = {
    attempt: 0,
    state: 'claimed',
    atMs: claimedAtMs,
    ...raised,
    ...mark,
  } as const;
  const charged = { ...two, amountMinor: raised.refundMinor };
  const capture = record.capture && { ...record.capture, charge: charged };
  await stack.putRecord({ ...record, version: record.version + 1, ours, ...(capture && { capture }) });
  const reserved = { charge: { source, chargeId }, amountMinor: raised.refundMinor, currency };
  await stack.putReservation({ flagId: id, attempt: 0, ...reserved });
  const flag = await stack.readFlag(id);
  await stack.putFlag({ ...flag, status: 'refunding', claimedAtMs, ...raised, version: flag.version + 1 } as Flag);
  await reverse({ flagId: id, attempt: 0 }, stack);
  expect([...stack.refunds]).toEqual([]);
});

describe('the approval of an incident', () => {
  const TASK = {
    kind: 'bulk-approval',
    incidentId: asIncidentId('i_1'),
    reason: 'the outage',
    sums: { CNY: 1_000_000 },
    alone: true,
    counts: NO_COUNTS,
  } as const;

  it.each<[string, (ordered: Job) => Job]>([
    ['that an item alone orders', ({ mac: _, ...job }) => job],
    ['of another incident than was ordered', (job) => ({ ...job, task: { ...TASK, incidentId: asIncidentId('i_2') } })],
    ['of what is only monitored, which was not ordered', (job) => ({ ...job, task: { ...TASK, withMonitored: true } })],
    ['under another name', (job) => ({ ...job, by: 'bob' })],
  ])('A10: %s approves nothing and ends', async (_, forge) => {
    const { stack, id } = await waiting();
    const ordered = await withJobMac(
      newJob<BulkApprovalTask>({ task: TASK, by: 'ann', nowMs: START_MS }, stack.digests),
      stack,
    );
    const { caseId } = await stack.readFlag(id);
    const incidents = { membersOf: async () => [{ kind: 'case', id: caseId } as never] };
    const slice = approvalSlice({ ...stack, incidents });
    const steps = slice(forge(ordered), () => false);
    await expect(steps.next()).rejects.toMatchObject({ code: 'unauthentic', retry: 'never' });
    expect(await stack.readFlag(id)).toMatchObject({ status: 'held', approvals: [] });
    // The order itself is carried out.
    expect((await slice(ordered, () => false).next()).value).toMatchObject({ task: { counts: { approved: 1 } } });
  });
});

describe('what has been spent', () => {
  it('A11: an order that is put again a day later approves nothing of what came since', async () => {
    const { stack, id } = await waiting();
    const task = {
      kind: 'bulk-approval',
      incidentId: asIncidentId('i_1'),
      reason: 'the outage',
      sums: { CNY: 1_000_000 },
      alone: true,
      counts: NO_COUNTS,
    } as const;
    const order = newJob<BulkApprovalTask>({ task, by: 'ann', nowMs: stack.nowMs() - MINUTE }, stack.digests);
    const ordered = await withJobMac(order, stack);
    const { caseId } = await stack.readFlag(id);
    const incidents = { membersOf: async () => [{ kind: 'case', id: caseId } as never] };
    const slice = approvalSlice({ ...stack, incidents });
    // The copy began to wait after the order: its approver has not seen it.
    expect((await slice(ordered, () => false).next()).value).toMatchObject({ task: { counts: { approved: 0 } } });
    // Nor does a forged vote in the approver's name bring it under the order.
    const held = await stack.readFlag(id);
    const vote = { ...forgedBy('ann', 'x'), atMs: stack.nowMs() };
    await stack.putFlag({ ...held, approvals: [vote], version: held.version + 1 });
    expect((await slice(ordered, () => false).next()).value).toMatchObject({ task: { counts: { approved: 0 } } });
    await stack.putFlag({ ...held, version: held.version + 2 });
    stack.clock.nowMs += DAY;
    await expect(slice(ordered, () => false).next()).rejects.toMatchObject({ code: 'unauthentic' });
    expect(await stack.readFlag(id)).toMatchObject({ status: 'held', approvals: [] });
  });

  it('A12: an approval of a failed attempt is not the first of two for the next', async () => {
    const { stack, id, approves } = await waiting(DEAREST_MINOR);
    await approves('ann');
    await approves('bob');
    const { approvals } = await stack.readFlag(id);
    stack.processor.refuses = true;
    const failed = await stack.work(id);
    stack.processor.refuses = false;
    await stack.putFlag({ ...failed, approvals: approvals.slice(0, 1), version: failed.version + 1 });
    expect(await approves('cat')).toMatchObject({ kind: 'needs-another', flag: { approvals: [{ by: 'cat' }] } });
    await stack.work(id);
    expect(stack.refunds.size).toBe(0);
  });
});

/** What a flag has in every status. */
function factsOf(flag: Flag): Omit<Flag, 'status'> {
  const {
    refundMinor: _a,
    claimedAtMs: _b,
    restsOn: _c,
    facts: _d,
    failure: _e,
    wait: _f,
    ...facts
  } = flag as never as Record<string, unknown>;
  return facts as never;
}
