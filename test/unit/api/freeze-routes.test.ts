import { beforeEach, describe, expect, it } from 'vitest';
import { thawedWhenMigrated } from '../../../core/refunds/migration.ts';
import { DAY, MINUTE } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../../fixtures/contexts.ts';
import { memoryMigrations } from '../../fixtures/migrations.ts';
import { type Asking, createDesk, queryContext } from './desk.ts';

const ADMIN = { by: 'ann', groups: '[admin]' };
const OTHER_ADMIN = { by: 'ben', groups: '[admin]' };
const REASON = { reason: 'a bad release' };

let context: DetectionContext;
let desk: ReturnType<typeof createDesk>;

beforeEach(() => {
  context = detectionContext(configuration());
  desk = createDesk(queryContext(context));
});

const freeze = (body: unknown = REASON, asking: Asking = ADMIN) => desk.post('/refunds/freeze', body, asking);
const thaw = (body: unknown = REASON, asking: Asking = ADMIN) => desk.post('/refunds/thaw', body, asking);
const now = () => new Date(context.nowMs()).toISOString();

describe('a freeze through the API', () => {
  it('stops all refunds in the name of the token, and shows in overview and settings', async () => {
    const at = now();
    const standing = { frozen: true, by: 'ann', ...REASON, at };
    expect(await freeze()).toMatchObject({ status: 200, body: { changed: true, standing } });
    for (const path of ['/overview', '/settings']) {
      expect((await desk.get(path)).body.frozen).toEqual({ by: 'ann', ...REASON, since: at });
    }
  });

  it('answers a repetition with the order of the admin who froze first', async () => {
    const { standing } = (await freeze()).body;
    context.clock.nowMs += MINUTE;
    const again = await freeze({ reason: 'me too' }, OTHER_ADMIN);
    expect(again).toMatchObject({ status: 200, body: { changed: false, standing } });
  });

  it('is for admins, and changes nothing for an approver', async () => {
    const approver = { by: 'cid', groups: '[approver]' };
    expect([(await freeze(REASON, approver)).status, (await thaw(REASON, approver)).status]).toEqual([403, 403]);
    expect((await desk.get('/settings')).body.frozen).toBeUndefined();
  });

  it.each([
    ['no reason', {}],
    ['a blank reason', { reason: '  ' }],
    ['a reason beyond the bound', { reason: 'x'.repeat(1_001) }],
    ['an actor of its own', { ...REASON, by: 'cid' }],
    ['an empty merchant', { ...REASON, merchant: '' }],
  ])('refuses %s', async (_, body) => {
    expect([(await freeze(body)).status, (await thaw(body)).status]).toEqual([400, 400]);
    expect((await desk.get('/settings')).body.frozen).toBeUndefined();
  });
});

const confirm = (id: string, asking: Asking = OTHER_ADMIN) =>
  desk.post(`/refunds/thaw/${id}/confirm`, undefined, asking);

describe('a thaw through the API', () => {
  it('waits for another admin, and shows in overview and settings', async () => {
    await freeze();
    const asked = await thaw({ reason: 'rolled back' });
    const until = new Date(context.nowMs() + DAY).toISOString();
    const pending = { id: asked.body.pending.id, by: 'ann', reason: 'rolled back', at: now(), until };
    const releases = { refunds: 0, minorByCurrency: {}, isCut: false };
    expect(asked).toMatchObject({ status: 200, body: { changed: false, pending, releases } });
    expect((await desk.get('/overview')).body.frozen).toMatchObject({ by: 'ann', thaw: pending });
    expect((await desk.get('/settings')).body.frozen).toMatchObject({ by: 'ann', thaw: pending, releases });
  });

  it('answers a second admin who asks with the pending request', async () => {
    await freeze();
    const { pending } = (await thaw({ reason: 'rolled back' })).body;
    expect((await thaw({ reason: 'me too' }, OTHER_ADMIN)).body).toMatchObject({ changed: false, pending });
  });

  it('counts once another admin confirms it, and says by when held refunds go on', async () => {
    await freeze();
    const { id } = (await thaw({ reason: 'rolled back' })).body.pending;
    expect(await confirm(id, ADMIN)).toMatchObject({ status: 403, body: { code: 'own-thaw' } });
    expect((await desk.get('/settings')).body.frozen).toBeDefined();
    const thawed = await confirm(id);
    const resumesBy = new Date(context.nowMs() + 5 * MINUTE).toISOString();
    const standing = { frozen: false, by: 'ann', reason: 'rolled back', at: now(), confirmedBy: 'ben' };
    expect(thawed.body).toEqual({ changed: true, standing, resumesBy });
    expect((await desk.get('/settings')).body.frozen).toBeUndefined();
    expect((await confirm(id)).body).toEqual({ changed: false, standing });
  });

  it('of what was never frozen changes nothing', async () => {
    expect((await thaw()).body).toEqual({ changed: false });
  });

  it('of one merchant names the freeze of all refunds that still stands', async () => {
    const merchant = 'm_1';
    await freeze();
    await freeze({ ...REASON, merchant });
    const { body } = await confirm((await thaw({ reason: 'rolled back', merchant })).body.pending.id);
    expect(body).toMatchObject({ changed: true, standing: { merchant }, stillFrozen: { by: 'ann', ...REASON } });
    expect(body.resumesBy).toBeUndefined();
  });

  it('is for admins, and for a request that exists', async () => {
    await freeze();
    const { id } = (await thaw()).body.pending;
    expect((await confirm(id, { by: 'cid', groups: '[approver]' })).status).toBe(403);
    expect(await confirm('0'.repeat(32))).toMatchObject({ status: 404, body: { code: 'thaw-not-found' } });
    expect(await confirm('mine')).toMatchObject({ status: 404, body: { code: 'id-malformed' } });
  });
});

it('a thaw of all refunds before the migration is refused, and names the command', async () => {
  const query = queryContext(context);
  const gate = { migrations: memoryMigrations(), nowMs: context.nowMs };
  desk = createDesk({ ...query, freezes: thawedWhenMigrated(query.freezes, gate) });
  expect(await thaw()).toMatchObject({
    status: 409,
    body: { code: 'not-migrated', detail: expect.stringContaining('onecharge migrate') },
  });
  expect((await desk.get('/settings')).body.frozen).toMatchObject({ by: 'system:migration' });
});

it('a keep before the migration is refused: it would have no record', async () => {
  const query = queryContext(context);
  const gate = { migrations: memoryMigrations(), nowMs: context.nowMs };
  desk = createDesk({ ...query, freezes: thawedWhenMigrated(query.freezes, gate) });
  const kept = await desk.post(
    `/flags/${'0'.repeat(32)}/keep`,
    { reason: 'meant' },
    { by: 'ann', groups: '[approver]' },
  );
  expect(kept).toMatchObject({ status: 409, body: { code: 'not-migrated' } });
});
