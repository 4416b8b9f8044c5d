import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../../core/clock-units.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { alertsOf } from '../alerts.ts';
import { type Deployed, idOf } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { executionsOf } from '../executions.ts';
import { invoke } from '../lambda.ts';
import { nobody, type Person, signIn } from '../people.ts';
import { newStory, type Story, voided } from '../story.ts';

const PROBLEM = 'application/problem+json';

export function holdStories(world: () => Deployed): void {
  test('a hold is seen by a viewer and ended by an approver', async () => {
    const deployed = world();
    const { stack } = deployed;
    const [viewer, approver] = await Promise.all([signIn(stack, 'viewer'), signIn(stack, 'approver')]);
    const { original, repeat } = await twoOrders(deployed, newStory());
    const id = idOf(repeat);
    const flag = await deployed.untilFlag(repeat, 'held');
    expect(flag).toMatchObject({ wait: { waitsFor: ['empties-order', 'review'] }, detector: 'rapid-repeat' });

    await expectShown(viewer, { flagId: id, caseId: flag.caseId, original, repeat });
    const approve = { path: `/flags/${id}/approve`, body: { reason: 'the shop says so' } };
    expect(await nobody(stack).post(approve.path, approve.body)).toMatchObject({ status: 401 });
    expect(await nobody(stack).get('/cases')).toMatchObject({ status: 401 });
    const refused = await viewer.post(approve.path, approve.body);
    expect(refused).toMatchObject({ status: 403, body: { status: 403, title: 'Forbidden' } });
    expect(refused.contentType).toContain(PROBLEM);
    expect(await approver.post(approve.path, {})).toMatchObject({ status: 400, body: { title: 'Bad Request' } });
    expect((await deployed.flagOf(repeat))?.status).toBe('held');

    const done = await approver.post(approve.path, approve.body);
    expect(done).toMatchObject({ status: 200, body: { id, status: 'approved' } });
    await deployed.untilFlag(repeat, 'refunded');
    expect(await deployed.refundsOf(repeat)).toEqual([12_900]);
    expect(await deployed.refundsOf(original)).toEqual([]);

    // The one who approved gets the same answer; somebody else has nothing left to approve.
    expect(await approver.post(approve.path, approve.body)).toMatchObject({
      status: 200,
      body: { status: 'refunded' },
    });
    const other = await signIn(stack, 'approver');
    expect(await other.post(approve.path, approve.body)).toMatchObject({ status: 409, contentType: PROBLEM });
    expect(await other.post(`/flags/${id}/keep`, approve.body)).toMatchObject({ status: 409, contentType: PROBLEM });
    expect(await deployed.refundsOf(repeat)).toEqual([12_900]);

    const seen = await viewer.get(`/cases/${flag.caseId}`);
    expect(seen.body).toMatchObject({ status: 'resolved', refundedMinor: 12_900, audit: { kind: 'intact' } });
    expect(transitions(seen.body.timeline)).toEqual([
      'none→open',
      'open→held',
      'held→approved',
      'approved→refunding',
      'refunding→refunded',
    ]);
  });

  test('a charge that a person keeps is not refunded, and its workflow ends', async () => {
    const deployed = world();
    const approver = await signIn(deployed.stack, 'approver');
    const { repeat } = await twoOrders(deployed, newStory());
    const { id } = await deployed.untilFlag(repeat, 'held');

    const keep = await approver.post(`/flags/${id}/keep`, { reason: 'two coffees' });
    expect(keep).toMatchObject({ status: 200, body: { id, status: 'kept' } });
    await eventually('the workflow has ended', async () => {
      const executions = await executionsOf(deployed.stack, id);
      return executions.every(({ status }) => status === 'SUCCEEDED') || undefined;
    });
    expect(await deployed.refundsOf(repeat)).toEqual([]);
    expect((await deployed.flagOf(repeat))?.status).toBe('kept');
    const late = await approver.post(`/flags/${id}/approve`, { reason: 'after all' });
    expect(late).toMatchObject({ status: 409, contentType: PROBLEM });
  });

  test('a hold that nobody answers expires, is approved late, refunded, and marked as refunded in error', async () => {
    const deployed = world();
    const { stack } = deployed;
    const approver = await signIn(stack, 'approver');
    const { original, repeat } = await twoOrders(deployed, newStory());
    const { id, caseId } = await deployed.untilFlag(repeat, 'held');
    await makeWait(deployed, id, 8 * DAY_MS);
    await invoke(stack, 'RefundsSweep', {});
    await deployed.untilFlag(repeat, 'expired');
    await eventually('its workflow has ended', async () => {
      const [first] = await executionsOf(stack, id);
      return first?.status === 'SUCCEEDED' || undefined;
    });
    const notified = await eventually('the alerts have arrived', async () => {
      const alerts = (await alertsOf(deployed, caseId)).map(({ alert }) => alert);
      return alerts.find(({ kind }) => kind === 'hold.expired');
    });
    expect(notified).toMatchObject({ severity: 'critical', flagId: id, waitsFor: ['empties-order', 'review'] });
    expect(await deployed.refundsOf(repeat)).toEqual([]);

    const late = await approver.post(`/flags/${id}/approve`, { reason: 'back from holiday' });
    expect(late).toMatchObject({ status: 200, body: { status: 'open', attempt: 1 } });
    await deployed.untilFlag(repeat, 'refunded');
    expect((await executionsOf(stack, id)).map(({ name }) => name)).toEqual([`${id}-0`, `${id}-1`]);
    expect(await deployed.refundsOf(repeat)).toEqual([12_900]);
    expect(await deployed.refundsOf(original)).toEqual([]);

    // It was two coffees after all.
    const statement = { reason: 'two coffees', evidence: 'receipts 7 and 8' };
    const marked = await approver.post(`/flags/${id}/refunded-in-error`, statement);
    expect(marked).toMatchObject({ status: 200, body: { status: 'refunded-in-error', refundError: statement } });
    await eventually('the alert about the error has arrived', async () => {
      const alerts = (await alertsOf(deployed, caseId)).map(({ alert }) => alert);
      return alerts.find(({ kind }) => kind === 'refund.in-error');
    });
    const seen = await approver.get(`/cases/${caseId}`);
    expect(seen.body).toMatchObject({ status: 'resolved', refundedMinor: 12_900, audit: { kind: 'intact' } });
  });

  test('a hold whose original is voided ends without people', async () => {
    const deployed = world();
    const story = newStory();
    const { original, repeat } = await twoOrders(deployed, story);
    await deployed.untilFlag(repeat, 'held');
    await deployed.put([voided(original)], story.payer);
    const flag = await deployed.untilFlag(repeat, 'dismissed');
    expect(flag.denial).toBe('no-surplus');
    expect(await deployed.refundsOf(repeat)).toEqual([]);
  });

  test('what does not exist is not found', async () => {
    const viewer = await signIn(world().stack, 'viewer');
    const absent = '0'.repeat(32);
    expect(await viewer.get(`/cases/${absent}`)).toMatchObject({ status: 404, contentType: PROBLEM });
    expect(await viewer.get(`/flags/${absent}`)).toMatchObject({ status: 404, contentType: PROBLEM });
    expect(await viewer.get('/cases?status=lost')).toMatchObject({ status: 400, contentType: PROBLEM });
  });
}

/** The same payer pays the same amount to the same merchant twice, for two orders: an error, or two coffees. */
async function twoOrders(deployed: Deployed, story: Story): Promise<{ original: Charge; repeat: Charge }> {
  const original = story.charge('1', { order: `${story.order}_1` });
  const repeat = story.charge('2', { order: `${story.order}_2` });
  await deployed.capture(original, repeat);
  return { original, repeat };
}

/** Lets time pass for one hold alone. */
async function makeWait({ stack }: Deployed, flagId: string, forMs: number): Promise<void> {
  await stack.aws.dynamo.send(
    new UpdateItemCommand({
      TableName: stack.outputs.CasesTableName,
      Key: { pk: { S: `flag#${flagId}` }, sk: { S: 'flag' } },
      UpdateExpression: 'SET body.#wait.asked.sinceMs = body.#wait.asked.sinceMs - :age',
      ExpressionAttributeNames: { '#wait': 'wait' },
      ExpressionAttributeValues: { ':age': { N: String(forMs) } },
    }),
  );
}

interface Held {
  readonly flagId: string;
  readonly caseId: string;
  readonly original: Charge;
  readonly repeat: Charge;
}

async function expectShown(viewer: Person, { flagId, caseId, original, repeat }: Held): Promise<void> {
  const list = await viewer.get('/cases?status=open&limit=100');
  expect(list.status).toBe(200);
  expect(list.body.cases).toContainEqual(expect.objectContaining({ id: caseId, merchant: original.merchant }));

  const one = await viewer.get(`/cases/${caseId}`);
  expect(one).toMatchObject({ status: 200, body: { id: caseId, status: 'open', flags: [{ id: flagId }] } });
  expect(one.body).toMatchObject({ original: { chargeId: original.chargeId }, audit: { kind: 'intact' } });

  const flag = await viewer.get(`/flags/${flagId}`);
  expect(flag).toMatchObject({
    status: 200,
    body: { id: flagId, status: 'held', waitsFor: ['empties-order', 'review'] },
  });
  expect(flag.body).toMatchObject({ charge: { chargeId: repeat.chargeId, amountMinor: 12_900, currency: 'CNY' } });
  expect(flag.body).not.toHaveProperty('token');
}

function transitions(timeline: unknown): readonly string[] {
  if (!Array.isArray(timeline)) return [];
  return timeline.map(({ from, to }) => `${from}→${to}`);
}
