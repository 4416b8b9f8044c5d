import { beforeEach, describe, expect, it } from 'vitest';
import { asJobId } from '../../../core/brands.ts';
import { newIncident } from '../../../core/incidents/incident.ts';
import { advanced, begun } from '../../../core/jobs/job.ts';
import { DAY, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../../fixtures/contexts.ts';
import { createDesk, queryContext } from './desk.ts';

const INCIDENT = newIncident(
  { scope: { kind: 'merchant', merchant: 'm_1' }, cases: 25, usual: 1.5, threshold: 20 },
  { nowMs: START_MS, windowMs: 5 * MINUTE },
);
const ANN = { by: 'ann', groups: '[viewer]' };
const APPROVER = { by: 'cyd', groups: '[approver]' };

let detection: DetectionContext;
let context: ReturnType<typeof queryContext>;
let desk: ReturnType<typeof createDesk>;

beforeEach(async () => {
  detection = detectionContext(configuration());
  context = queryContext(detection);
  desk = createDesk(context);
  await context.incidents.openIncident(INCIDENT);
});

/** The runner has been here. */
async function finish(id: string): Promise<void> {
  const job = await context.jobs.readJob(asJobId(id));
  const running = job && begun(job, START_MS);
  if (running === undefined) throw new Error('no job');
  await context.jobs.saveJob(running);
  await context.jobs.saveJob(advanced(running, { task: running.task, done: 42, isOver: true }, START_MS));
}

describe('an export', () => {
  it('is a job that waits for its runner', async () => {
    const answered = await desk.post('/exports', { format: 'csv', filter: { status: 'resolved' } }, ANN);
    expect(answered).toMatchObject({ status: 202, body: { kind: 'export', status: 'queued', done: 0, by: 'ann' } });
    expect((await context.jobs.readJob(answered.body.id))?.task).toEqual({
      kind: 'export',
      format: 'csv',
      filter: { status: 'resolved' },
    });
  });

  it('has its link when it is done, a new one each time, for whoever asked for it', async () => {
    const { body } = await desk.post('/exports', { format: 'csv' }, ANN);
    expect((await desk.get(`/jobs/${body.id}`, ANN)).body).not.toHaveProperty('link');
    await finish(body.id);
    expect(await desk.get(`/jobs/${body.id}`, ANN)).toMatchObject({
      status: 200,
      body: {
        status: 'done',
        done: 42,
        link: `https://files/${body.id}.csv`,
        linkExpiresAt: new Date(START_MS + 5 * MINUTE).toISOString(),
      },
    });
  });

  it('has no link any more when its file is gone', async () => {
    const { body } = await desk.post('/exports', { format: 'csv' }, ANN);
    await finish(body.id);
    detection.clock.nowMs += 3 * DAY;
    const late = await desk.get(`/jobs/${body.id}`, ANN);
    expect(late.body).toMatchObject({ status: 'done' });
    expect(late.body).not.toHaveProperty('link');
  });

  it.each([
    ['an unknown format', { format: 'xls' }],
    ['a filter that nobody knows', { format: 'csv', filter: { merchand: 'm_1' } }],
    ['nothing', {}],
  ])('of %s is refused', async (_what, body) => {
    expect(await desk.post('/exports', body, ANN)).toMatchObject({ status: 400 });
  });
});

describe('a job', () => {
  it('is not there for others, and there for admins', async () => {
    const { body } = await desk.post('/exports', { format: 'ndjson' }, ANN);
    expect((await desk.get(`/jobs/${body.id}`, { by: 'bob', groups: '[viewer approver]' })).status).toBe(404);
    expect((await desk.get(`/jobs/${body.id}`, { by: 'eve', groups: '[admin]' })).status).toBe(200);
    expect((await desk.get(`/jobs/${'0'.repeat(32)}`, ANN)).status).toBe(404);
  });
});

describe('the approval of an incident', () => {
  const path = `/incidents/${INCIDENT.id}/approve`;

  it('is a job in the name of the approver, with their reason', async () => {
    const answered = await desk.post(path, { reason: 'the outage of tonight', sums: { CNY: 1 } }, APPROVER);
    expect(answered).toMatchObject({
      status: 202,
      body: {
        kind: 'bulk-approval',
        status: 'queued',
        counts: { approved: 0, needAnother: 0, skipped: 0, beyondSum: 0 },
      },
    });
    expect(await context.jobs.readJob(answered.body.id)).toMatchObject({
      by: 'cyd',
      task: { incidentId: INCIDENT.id, reason: 'the outage of tonight' },
    });
  });

  it('is for approvers, of incidents that are there, with a reason', async () => {
    expect((await desk.post(path, { reason: 'r', sums: { CNY: 1 } }, ANN)).status).toBe(403);
    expect((await desk.post('/incidents/none/approve', { reason: 'r', sums: { CNY: 1 } }, APPROVER)).status).toBe(404);
    expect((await desk.post('/incidents/no%20name/approve', { reason: 'r', sums: { CNY: 1 } }, APPROVER)).status).toBe(
      404,
    );
    expect((await desk.post(path, { reason: ' ', sums: { CNY: 1 } }, APPROVER)).status).toBe(400);
    expect((await desk.post(path, { reason: 'r', sums: {} }, APPROVER)).status).toBe(400);
    expect((await desk.post(path, { reason: 'r' }, APPROVER)).status).toBe(400);
  });
});

describe('the order of an incident above what one may release alone', () => {
  const approval = `/incidents/${INCIDENT.id}/approval`;
  const order = { reason: 'the outage', sums: { CNY: 50_001 } };
  const give = () => desk.post(`/incidents/${INCIDENT.id}/approve`, order, APPROVER);
  const confirm = (id: string, by: string) => desk.post(`/jobs/${id}/confirm`, {}, { by, groups: '[approver]' });

  beforeEach(async () => {
    const refunds = { twoPeopleAboveMinor: { CNY: 50_000 }, approverPerHourMinor: { CNY: 40_000 } };
    detection = detectionContext(configuration({ refunds }));
    context = queryContext(detection);
    desk = createDesk(context);
    await context.incidents.openIncident(INCIDENT);
  });

  it('waits for another approver, who finds it and begins it', async () => {
    const { body } = await give();
    expect(body).toMatchObject({ status: 'waiting', order: { incidentId: INCIDENT.id, ...order }, by: 'cyd' });
    expect((await desk.get(approval, ANN)).body.order).toMatchObject({ id: body.id, status: 'waiting', by: 'cyd' });
    expect(await confirm(body.id, 'dan')).toMatchObject({
      status: 202,
      body: { status: 'queued', confirmedBy: 'dan' },
    });
    expect(await confirm(body.id, 'dan')).toMatchObject({ status: 202 });
    expect((await desk.get(`/jobs/${body.id}`, { by: 'dan', groups: '[approver]' })).status).toBe(200);
    expect((await desk.get(approval, ANN)).body).not.toHaveProperty('order');
    expect(await confirm(body.id, 'eva')).toMatchObject({ status: 409, body: { code: 'order-closed' } });
  });

  it('is not confirmed by who gave it, nor where there is none', async () => {
    const { body } = await give();
    expect(await confirm(body.id, 'cyd')).toMatchObject({ status: 403, body: { code: 'own-order' } });
    expect(await confirm('0'.repeat(32), 'dan')).toMatchObject({ status: 404 });
    const { body: file } = await desk.post('/exports', { format: 'csv' }, ANN);
    expect(await confirm(file.id, 'dan')).toMatchObject({ status: 404 });
  });

  it('ends after a day', async () => {
    const { body } = await give();
    detection.clock.nowMs += DAY + 1;
    expect(await confirm(body.id, 'dan')).toMatchObject({ status: 409, body: { code: 'order-closed' } });
    expect(await desk.get(`/jobs/${body.id}`, APPROVER)).toMatchObject({
      body: { status: 'failed', failure: 'no second approver has confirmed the order within 24 hours' },
    });
    expect((await desk.get(approval, ANN)).body).not.toHaveProperty('order');
  });

  it.each([
    ['the sum of one approver and hour', { CNY: 40_001 }, 'waiting'],
    ['neither', { CNY: 40_000 }, 'queued'],
    ['the sum, of which a part is released', { CNY: 40_000 }, 'waiting', 1],
    ['no bound in its currency', { JPY: 9_000_000 }, 'queued'],
  ])('waits where it is above %s', async (_what, sums, status, released = 0) => {
    const owner = { kind: 'approver', by: 'cyd', nowMs: detection.nowMs() } as const;
    const of = { owner, currency: 'CNY', amountMinor: released, maxMinor: 40_000 };
    await context.approverSums.countRelease({ ...of, name: 'another' });
    const given = await desk.post(`/incidents/${INCIDENT.id}/approve`, { reason: 'r', sums }, APPROVER);
    expect(given.body.status).toBe(status);
  });
});
