import { beforeEach, describe, expect, it } from 'vitest';
import { changeFlags } from '../../../core/cases/change-flag.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { newIncident } from '../../../core/incidents/incident.ts';
import { factOf } from '../../../core/queries/statistics.ts';
import { ROLES, ROUTES } from '../../../functions/api/operations.ts';
import { arrival, captured, charge, MINUTE } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { moved } from '../../fixtures/flags.ts';
import { createDesk, queryContext } from './desk.ts';

const TWO_PEOPLE = { refunds: { twoPeopleAboveMinor: { CNY: 0 } } };
const ABSENT = '0'.repeat(32);
const PROBLEM = 'application/problem+json';
const endpoints = Object.entries(ROUTES).map(([operation, endpoint]) => ({ operation, ...endpoint }));
const withRole = endpoints.filter(({ role }) => role !== 'public');
const withGroups = withRole.filter(({ role }) => role !== 'operator');
const urlOf = (path: string) => path.replace('{id}', ABSENT);

let context: DetectionContext;
let world: ReturnType<typeof queryContext>;
let desk: ReturnType<typeof createDesk>;
let held: Flag;

beforeEach(async () => {
  context = detectionContext(configuration());
  world = queryContext(context);
  desk = createDesk(world);
  held = await heldFlag();
});

/** Two coffees, or an error: the second waits for a person. */
async function heldFlag(): Promise<Flag> {
  for (const n of [1, 2]) {
    const event = captured(charge({ chargeId: `ch_${n}`, order: `o_${n}` }));
    await judgeAndRaise([arrival(event)], context);
  }
  const ids = context.cases.allFlags().map(({ id }) => id);
  const [flag] = await changeFlags(
    ids,
    (flags) => flags.flatMap((one) => (one?.status === 'open' ? [moved(one, { status: 'held' })] : [])),
    context,
  );
  if (flag === undefined) throw new Error('no flag was raised');
  return flag;
}

describe('roles', () => {
  it.each(withRole)('$operation is for those who are signed in', async ({ method, path }) => {
    expect(await desk.ask(method, urlOf(path), { groups: null })).toMatchObject({ status: 401, contentType: PROBLEM });
  });

  it.each(withGroups)('$operation is for $role and who may do more', async ({ method, path, role }) => {
    const groups = ['strangers', ...ROLES];
    const refused = [];
    for (const group of groups) {
      const { status } = await desk.ask(method, urlOf(path), { groups: `[${group}]` });
      if (status === 403) refused.push(group);
    }
    expect(refused).toEqual(groups.slice(0, groups.indexOf(role)));
  });

  it('are read from the list as the gateway writes it', async () => {
    expect((await desk.get('/cases', { groups: '[admin strangers]' })).status).toBe(200);
    expect((await desk.get('/cases', { groups: '[strangers viewers]' })).status).toBe(403);
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['an unknown parameter', '/cases?merchand=m_1', 400, 'input-invalid'],
    ['a value that is none', '/cases?status=lost', 400, 'input-invalid'],
    ['a limit beyond the bound', '/cases?limit=101', 400, 'input-invalid'],
    ['a cursor of another query', '/cases?cursor=none', 400, 'bad-cursor'],
    ['filters that exclude each other', '/cases?status=resolved&sort=deadline', 400, 'filters-contradict'],
    ['a time before all computers', '/statistics?to=0000-01-01T00:00:00Z', 400, 'range-invalid'],
    ['an id that is none', '/cases/1', 404, 'id-malformed'],
    ['a case that is not there', `/cases/${ABSENT}`, 404, 'case-not-found'],
    ['a flag that is not there', `/flags/${ABSENT}`, 404, 'flag-not-found'],
    ['an incident that is not there', '/incidents/none', 404, 'incident-not-found'],
    ['a job that is not there', `/jobs/${ABSENT}`, 404, 'job-not-found'],
    ['a path that is not there', '/nothing/here', 404, 'path-unknown'],
  ])('%s: %s is a problem with its code', async (_what, url, status, code) => {
    expect(await desk.get(url)).toMatchObject({ status, contentType: PROBLEM, body: { status, code } });
  });

  it('a method that the path does not take is told which it takes', async () => {
    const answered = await desk.ask('DELETE', '/cases');
    expect(answered).toMatchObject({ status: 405, contentType: PROBLEM, headers: { allow: 'GET' } });
    expect(answered.body.code).toBe('method-unknown');
  });

  it.each([
    ['no JSON', '{', 400, 'body-not-json'],
    ['no object', 'null', 400, 'input-invalid'],
    ['no reason', {}, 400, 'input-invalid'],
    ['a blank reason', { reason: ' ' }, 400, 'input-invalid'],
    ['something that nobody knows', { reason: 'r', force: true }, 400, 'input-invalid'],
    ['half a character', { reason: 'r\ud83d' }, 400, 'body-not-json'],
    ['too much', { reason: 'r'.repeat(20_000) }, 413, 'body-too-large'],
  ])('a body of %s is a problem', async (_what, body, status, code) => {
    const answered = await desk.post(`/flags/${held.id}/approve`, body, { groups: '[approver]' });
    expect(answered).toMatchObject({ status, contentType: PROBLEM, body: { code } });
  });

  it('a fault of ours says nothing of its cause', async () => {
    const broken = createDesk({ ...queryContext(context), cases: { ...context.cases, readCase: fails } });
    const answered = await broken.get(`/cases/${held.caseId}`);
    expect(answered).toMatchObject({ status: 500, contentType: PROBLEM, body: { code: 'internal-error' } });
    expect(JSON.stringify(answered.body)).not.toContain('table');
  });
});

async function fails(): Promise<never> {
  throw new Error('the table is gone');
}

describe('answers', () => {
  it.each([`/cases/${ABSENT}`, '/cases', '/payer-links/none'])(
    'to %s are kept by no cache on their way',
    async (url) => {
      expect((await desk.get(url)).headers).toMatchObject({ 'cache-control': 'no-store' });
    },
  );

  it('list cases and show one with its flags, timeline and audit', async () => {
    const { body } = await desk.get('/cases');
    expect(body.cases).toMatchObject([{ id: held.caseId, status: 'open', flags: 1, atStakeMinor: 12_900 }]);
    const one = await desk.get(`/cases/${held.caseId}`);
    expect(one.body).toMatchObject({
      flags: [
        { id: held.id, waitsFor: ['review'], reasons: [{ reason: 'review', sentence: { en: expect.any(String) } }] },
      ],
      audit: { kind: 'intact', length: 2 },
    });
    expect(one.body.timeline.map(({ to }: { to: string }) => to)).toEqual(['open', 'held']);
    expect((await desk.get(`/cases/${held.caseId}/audit`)).body).toEqual(one.body.audit);
    expect((await desk.get(`/flags/${held.id}`)).body).toEqual(one.body.flags[0]);
  });

  it('list what waits for an approver, page by page', async () => {
    const first = await desk.get('/waiting?limit=1');
    expect(first.body.flags).toMatchObject([{ id: held.id, score: expect.any(Number) }]);
    expect(first.body.flags).toEqual([(await desk.get(`/flags/${held.id}`)).body]);
    const other = (await desk.get('/cases?limit=1')).body.cursor ?? 'none';
    expect(await desk.get(`/waiting?cursor=${other}`)).toMatchObject({ status: 400, body: { code: 'bad-cursor' } });
  });

  it('take the evidence of a case along', async () => {
    const { status, body } = await desk.get(`/cases/${held.caseId}/evidence`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 1, case: { id: held.caseId }, audit: { kind: 'intact', length: 2 } });
    expect(body.flags).toMatchObject([
      { id: held.id, decidedBy: 'rapid-repeat', scheme: 'mastercard', entries: [1, 2] },
    ]);
    const differing = body.flags[0].fields.filter(({ outcome }: { outcome: string }) => outcome === 'differs');
    expect(differing).toEqual([{ field: 'order', role: 'other', outcome: 'differs', charge: 'o_2', original: 'o_1' }]);
    expect((await desk.get(`/cases/${ABSENT}/evidence`)).status).toBe(404);
  });

  it('approve once, for who has approved', async () => {
    const asApprover = { groups: '[approver]', by: 'ann' };
    const approve = () => desk.post(`/flags/${held.id}/approve`, { reason: 'the shop says so' }, asApprover);
    expect(await approve()).toMatchObject({ status: 200, body: { status: 'approved', approvals: [{ by: 'ann' }] } });
    expect(await approve()).toMatchObject({ status: 200 });
    const other = await desk.post(`/flags/${held.id}/approve`, { reason: 'me too' }, { ...asApprover, by: 'ben' });
    expect(other).toMatchObject({ status: 409, contentType: PROBLEM, body: { code: 'not-held' } });
  });

  it('do not approve for who raised the flag', async () => {
    const raised = (flag: Flag) => moved(flag, { raisedBy: 'ann' });
    await changeFlags([held.id], ([flag]) => (flag && flag.raisedBy !== 'ann' ? [raised(flag)] : []), context);
    const asApprover = { groups: '[approver]', by: 'ann' };
    const answered = await desk.post(`/flags/${held.id}/approve`, { reason: 'it is right' }, asApprover);
    expect(answered).toMatchObject({ status: 403, contentType: PROBLEM, body: { code: 'own-flag' } });
  });

  it('wait for another person where the amount asks for two', async () => {
    desk = createDesk({ ...queryContext(context), configuration: configuration(TWO_PEOPLE) });
    for (const act of ['approve', 'keep']) {
      const answered = await desk.post(`/flags/${held.id}/${act}`, { reason: 'one of two' }, { groups: '[approver]' });
      expect(answered).toMatchObject({ status: 202, body: { status: 'held' } });
    }
  });

  it('take a statement that a refund was made in error, with evidence and not without', async () => {
    const state = (body: unknown) => desk.post(`/flags/${held.id}/refunded-in-error`, body, { groups: '[approver]' });
    expect(await state({ reason: 'two coffees', evidence: 'receipt 7' })).toMatchObject({
      status: 409,
      body: { code: 'not-refunded' },
    });
    for (const status of ['approved', 'refunding', 'refunded'] as const) {
      const move = (flag: Flag) => (flag.status === status ? [] : [moved(flag, { status })]);
      await changeFlags([held.id], ([flag]) => (flag ? move(flag) : []), context);
    }
    expect(await state({ reason: 'two coffees' })).toMatchObject({ status: 400, contentType: PROBLEM });
    expect(await state({ reason: 'two coffees', evidence: 'receipt 7' })).toMatchObject({
      status: 200,
      body: { status: 'refunded-in-error', refundError: { by: 'ann', reason: 'two coffees', evidence: 'receipt 7' } },
    });
  });

  it('keep a charge that is meant', async () => {
    const answered = await desk.post(`/flags/${held.id}/keep`, { reason: 'two coffees' }, { groups: '[approver]' });
    expect(answered).toMatchObject({ status: 200, body: { status: 'kept' } });
  });

  it('take what people say about a case, each word once', async () => {
    const say = (text: string, by: string) => desk.post(`/cases/${held.caseId}/comments`, { text }, { by });
    const first = await say(' two coffees? ', 'ann');
    expect(first).toMatchObject({ status: 201, body: { by: 'ann', text: 'two coffees?' } });
    context.clock.nowMs += 1_000;
    expect((await say('two coffees?', 'ann')).body).toEqual(first.body);
    expect(await say('two coffees?', 'ben')).toMatchObject({ status: 201, body: { by: 'ben' } });
    const { body } = await desk.get(`/cases/${held.caseId}`);
    expect(body.comments.map(({ by }: { by: string }) => by)).toEqual(['ann', 'ben']);
    expect(await desk.post(`/cases/${ABSENT}/comments`, { text: 'hello' })).toMatchObject({ status: 404 });
    expect(await say('x'.repeat(2_001), 'ann')).toMatchObject({ status: 400 });
  });

  it('take no more comments on a case than anybody reads', async () => {
    for (let n = 0; n < 200; n++) await desk.post(`/cases/${held.caseId}/comments`, { text: `again ${n}` });
    const answered = await desk.post(`/cases/${held.caseId}/comments`, { text: 'and again' });
    expect(answered).toMatchObject({ status: 409, contentType: PROBLEM, body: { code: 'comments-full' } });
    expect((await desk.post(`/cases/${held.caseId}/comments`, { text: 'again 7' })).status).toBe(201);
  });

  it('list incidents, newest first, and show one', async () => {
    const burst = { scope: { kind: 'merchant', merchant: 'm_1' }, cases: 12, usual: 0.4, threshold: 8 } as const;
    const incident = newIncident(burst, { nowMs: context.nowMs(), windowMs: 5 * MINUTE });
    await world.incidents.openIncident(incident);
    const { body } = await desk.get('/incidents');
    expect(body.incidents).toMatchObject([
      { id: incident.id, scope: burst.scope, status: 'open', totals: { cases: 0 } },
    ]);
    expect((await desk.get(`/incidents/${incident.id}`)).body).toEqual(body.incidents[0]);
    expect(await desk.get('/incidents/none')).toMatchObject({ status: 404, contentType: PROBLEM });
    expect(await desk.get('/incidents?cursor=none')).toMatchObject({ status: 400, contentType: PROBLEM });
  });

  it('tell what happens now', async () => {
    await world.statistics.noteFacts([factOf(undefined, (await context.cases.readCase(held.caseId))!)!]); // it is open
    context.clock.nowMs += 1;
    const { body } = await desk.get('/overview');
    expect(body).toMatchObject({
      chargesProcessedLastHour: 0,
      incidents: [],
      flags: { held: 1, open: 0, refunded: 0 },
    });
    expect(body.money).toEqual({ CNY: { atStakeMinor: 12_900, refundedMinor: 0, heldMinor: 12_900 } });
  });

  it('tell what happened, by the bucket', async () => {
    await world.statistics.noteFacts([factOf(undefined, (await context.cases.readCase(held.caseId))!)!]); // it is open
    context.clock.nowMs += 1;
    const { body } = await desk.get('/statistics?bucket=hour');
    expect(body.buckets.at(-1)).toMatchObject({ duplicates: 1, held: 1, money: { CNY: { flaggedMinor: 12_900 } } });
    for (const wrong of ['from=2020-01-01T00:00:00Z', 'bucket=week', 'to=2020-01-01', 'from=2999-01-01T00:00:00Z']) {
      expect(await desk.get(`/statistics?${wrong}`)).toMatchObject({ status: 400, contentType: PROBLEM });
    }
  });

  it('tell what is configured', async () => {
    const { body } = await desk.get('/settings');
    expect(body.detectors.map(({ id }: { id: string }) => id)).toEqual(['same-order', 'rapid-repeat']);
    expect(body.detectors[1]).toMatchObject({ windowMs: 5 * MINUTE, action: 'review', exemptMccs: ['4111', '7523'] });
    expect(body).not.toHaveProperty('frozen');
  });

  it('describe the API to anybody', async () => {
    const { status, body } = await desk.get('/openapi.json', { groups: null });
    expect({ status, version: body.openapi }).toEqual({ status: 200, version: '3.1.0' });
  });
});
