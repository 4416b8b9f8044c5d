import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryUsers, type MemoryUsers } from '../../adapters/memory/users.ts';
import { Fault } from '../../core/fault.ts';
import { doorOf, isBehindEdge, ROUTES } from '../../functions/api/operations.ts';
import { configuration } from '../fixtures/configurations.ts';
import { detectionContext } from '../fixtures/contexts.ts';
import { createDesk, queryContext } from '../unit/api/desk.ts';

const ANN = { name: 'ann', subject: 'ann', groups: ['admin'], isEnabled: true };
const ADMIN = { by: 'ann', groups: '[admin]' };
const acts = Object.entries(ROUTES)
  .filter(([, endpoint]) => doorOf(endpoint) === 'decide' && isBehindEdge(endpoint))
  .map(([operation, { method, path }]) => ({ operation, method, url: path.replace('{id}', '0'.repeat(32)) }));

let users: MemoryUsers;
let context: ReturnType<typeof queryContext>;

beforeEach(() => {
  users = createMemoryUsers();
  context = queryContext(detectionContext(configuration()));
});

/** What the API answers to the user's token of before. */
async function codeOf({ method, url }: (typeof acts)[number], desk = deskOf(users)): Promise<unknown> {
  const answered = await desk.ask(method, url, { ...ADMIN, body: {} });
  return answered.body.code;
}

function deskOf(pool: MemoryUsers) {
  const { groupsNow } = pool;
  return createDesk({ ...context, users: { groupsNow } });
}

describe('with the token of an admin that has not expired', () => {
  it.each(acts)('P9: $operation is called after the user was taken out of the group', async (act) => {
    users.putUser(ANN);
    expect(await codeOf(act)).not.toBe('role-needed');
    users.putUser({ ...ANN, groups: ['strangers'] });
    expect(await codeOf(act)).toBe('role-needed');
  });

  it.each(acts)('P9: $operation is called after the user was disabled', async (act) => {
    users.putUser({ ...ANN, isEnabled: false });
    expect(await codeOf(act)).toBe('role-needed');
  });

  it('P9: an approver who is an admin no longer acts as one', async () => {
    users.putUser({ ...ANN, groups: ['approver'] });
    const desk = deskOf(users);
    expect(await desk.post('/refunds/thaw', { reason: 'r' }, ADMIN)).toMatchObject({ status: 403 });
  });

  it('P9: a group that the token lacks gives no role', async () => {
    users.putUser(ANN);
    const answered = await deskOf(users).post('/refunds/thaw', { reason: 'r' }, { by: 'ann', groups: '[approver]' });
    expect(answered.body.code).toBe('role-needed');
  });

  it.each(acts)('P10: $operation is called after another user got the name', async (act) => {
    users.putUser({ ...ANN, subject: 'another' });
    expect(await codeOf(act)).toBe('role-needed');
    users.deleteUser('ann');
    expect(await codeOf(act)).toBe('role-needed');
  });

  it.each(acts)('P9: $operation is called while the user pool does not answer', async (act) => {
    const broken = createDesk({
      ...context,
      users: { groupsNow: () => Promise.reject(new Fault('dependency-unavailable', 'no answer')) },
    });
    const answered = await broken.ask(act.method, act.url, { ...ADMIN, body: {} });
    expect(answered).toMatchObject({ status: 503, body: { code: 'role-unknown' }, headers: { 'retry-after': '5' } });
  });
});
