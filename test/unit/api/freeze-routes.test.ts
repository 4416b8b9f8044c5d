import { beforeEach, describe, expect, it } from 'vitest';
import { thawedWhenMigrated } from '../../../core/refunds/migration.ts';
import { MINUTE } from '../../fixtures/charges.ts';
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

describe('a thaw through the API', () => {
  it('says by when held refunds go on', async () => {
    await freeze();
    const thawed = await thaw({ reason: 'rolled back' }, OTHER_ADMIN);
    const resumesBy = new Date(context.nowMs() + 5 * MINUTE).toISOString();
    expect(thawed.body).toEqual({
      changed: true,
      standing: { frozen: false, by: 'ben', reason: 'rolled back', at: now() },
      resumesBy,
    });
    expect((await desk.get('/settings')).body.frozen).toBeUndefined();
  });

  it('of what was never frozen changes nothing', async () => {
    expect(await thaw()).toMatchObject({ status: 200, body: { changed: false } });
    expect((await thaw()).body).toEqual({ changed: false });
  });

  it('of one merchant names the freeze of all refunds that still stands', async () => {
    const merchant = 'm_1';
    await freeze();
    await freeze({ ...REASON, merchant });
    const { body } = await thaw({ reason: 'rolled back', merchant });
    expect(body).toMatchObject({ changed: true, standing: { merchant }, stillFrozen: { by: 'ann', ...REASON } });
    expect(body.resumesBy).toBeUndefined();
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
  expect((await desk.get('/settings')).body.frozen).toMatchObject({ by: 'onecharge' });
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
