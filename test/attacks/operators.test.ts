import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeFreezeOrder, encodeFreezeOrder } from '../../adapters/dynamodb/freeze-item.ts';
import { settingsOf } from '../../cli/aws.ts';
import { toLoopback } from '../../cli/loopback.ts';
import { confirmStage, describeTarget } from '../../cli/open-to-change.ts';
import { signedHeaders } from '../../cli/signed-headers.ts';
import { operatorOf } from '../../core/cases/actor.ts';
import { HOUR_MS } from '../../core/clock-units.ts';
import { ROUTES } from '../../functions/api/operations.ts';
import { type BareEmulator, startBareEmulator } from '../fixtures/bare-emulator.ts';
import { START_MS } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../fixtures/contexts.ts';
import { type Asking, createDesk, queryContext } from '../unit/api/desk.ts';

const ACCOUNT = '123456789012';
const REASON = { reason: 'a bad release' };
const ADMIN: Asking = { by: 'lin', groups: '[admin]' };
const user = (name: string, userId: string): Asking => ({
  signedBy: { accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:user/${name}`, userId },
});
const session = (role: string, name: string): Asking => ({
  signedBy: {
    accountId: ACCOUNT,
    userArn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`,
    userId: `AROAEXAMPLE:${name}`,
  },
});
const ANN = user('ann', 'AIDAANN');
const BEN = user('ben', 'AIDABEN');
const operatorPaths = Object.values(ROUTES)
  .filter(({ role }) => role === 'operator')
  .map(({ method, path }) => ({ method, path: path.replace('{id}', '0'.repeat(32)) }));

let context: DetectionContext;
let desk: ReturnType<typeof createDesk>;

beforeEach(() => {
  context = detectionContext(configuration());
  desk = createDesk(queryContext(context));
});

const freeze = (asking: Asking = ANN, body: unknown = REASON) => desk.post('/operator/refunds/freeze', body, asking);
const askThaw = (asking: Asking = ANN) => desk.post('/operator/refunds/thaw', { reason: 'rolled back' }, asking);
const confirmThaw = (id: string, asking: Asking) =>
  desk.post(`/operator/refunds/thaw/${id}/confirm`, undefined, asking);
const isFrozen = async () => (await desk.get('/settings')).body.frozen !== undefined;

describe('an act of an operator', () => {
  it('is stored with the identity that signed it', async () => {
    expect((await freeze()).body).toMatchObject({ changed: true, standing: { by: `aws:${ACCOUNT}:user/AIDAANN` } });
  });

  it.each(operatorPaths)('O1: takes no token: $path', async ({ method, path }) => {
    const answer = await desk.ask(method, path, { ...ADMIN, body: REASON });
    expect(answer).toMatchObject({ status: 401, body: { code: 'subject-missing' } });
    expect(await isFrozen()).toBe(false);
  });

  it.each(operatorPaths)('O2: is nothing without a signature: $path', async ({ method, path }) => {
    const answer = await desk.ask(method, path, { groups: null, body: REASON });
    expect(answer).toMatchObject({ status: 401, body: { code: 'subject-missing' } });
  });

  it('O5: opens no route of a user, whatever its identity may do', async () => {
    for (const [path, body] of [
      ['/refunds/freeze', REASON],
      ['/flags/00000000000000000000000000000000/approve', REASON],
    ] as const) {
      expect(await desk.post(path, body, ANN)).toMatchObject({ status: 401, body: { code: 'subject-missing' } });
    }
    expect((await desk.get('/cases', ANN)).status).toBe(401);
  });

  it('O4: takes its identity from no body', async () => {
    expect((await freeze(ANN, { ...REASON, by: `aws:${ACCOUNT}:user/AIDABEN` })).status).toBe(400);
    expect(await isFrozen()).toBe(false);
  });

  it('O12: is none of an identity whose name its bearer chooses, or that has none', async () => {
    const identities = [
      { accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT },
      { accountId: ACCOUNT, userArn: `arn:aws:sts::${ACCOUNT}:federated-user/ben`, userId: `${ACCOUNT}:ben` },
      { accountId: ACCOUNT, userArn: 'arn:aws:iam::210987654321:user/ben', userId: 'AIDABEN' },
      { userArn: `arn:aws:iam::${ACCOUNT}:user/ben` },
      {},
    ];
    for (const signedBy of identities) expect((await freeze({ signedBy })).status).toBe(401);
  });
});

describe('a thaw', () => {
  it('O6: of one operator does not count', async () => {
    await freeze();
    const { id } = (await askThaw()).body.pending;
    expect(await confirmThaw(id, ANN)).toMatchObject({ status: 403, body: { code: 'own-thaw' } });
    expect(await isFrozen()).toBe(true);
    expect((await confirmThaw(id, BEN)).body).toMatchObject({ changed: true });
  });

  it('O6: nor of an operator whose user got another name in between', async () => {
    await freeze();
    const { id } = (await askThaw()).body.pending;
    expect((await confirmThaw(id, user('team/benjamin', 'AIDAANN'))).status).toBe(403);
  });

  it.each([
    ['two sessions of one role', session('Admin', 'ann'), session('Admin', 'ben'), 403],
    [
      'one user with two permission sets',
      session('AWSReservedSSO_A_1', 'ann'),
      session('AWSReservedSSO_B_2', 'ann'),
      403,
    ],
    [
      'two users of one permission set',
      session('AWSReservedSSO_A_1', 'ann'),
      session('AWSReservedSSO_A_1', 'ben'),
      200,
    ],
  ])('O7: of %s counts as the identities behind them', async (_, first, second, status) => {
    await freeze();
    const { id } = (await askThaw(first)).body.pending;
    expect((await confirmThaw(id, second)).status).toBe(status);
  });

  it('O8: that was asked for before another freeze does not end it', async () => {
    await freeze();
    const { id } = (await askThaw()).body.pending;
    await freeze(BEN, { reason: 'it goes on' });
    expect(await confirmThaw(id, BEN)).toMatchObject({ status: 409, body: { code: 'thaw-over' } });
    expect(await isFrozen()).toBe(true);
  });

  it('O8: that was asked for a day ago does not count', async () => {
    await freeze();
    const { id } = (await askThaw()).body.pending;
    context.clock.nowMs += 24 * HOUR_MS;
    expect(await confirmThaw(id, BEN)).toMatchObject({ status: 409, body: { code: 'thaw-over' } });
  });

  it('O9: that is stored with one operator twice cannot be read, so that refunds wait', () => {
    const [requested, confirmed] = ['eve', 'ben'].map((by) => ({ by, atMs: START_MS }));
    if (requested === undefined) throw new Error('two acts');
    const thaw = { id: 'x', ...REASON, requested, confirmed };
    const stored = encodeFreezeOrder({ frozen: false, by: 'eve', ...REASON, atMs: START_MS, thaw });
    expect(decodeFreezeOrder(stored, undefined).frozen).toBe(false);
    const forged = JSON.parse(JSON.stringify(stored).replaceAll('"ben"', '"eve"'));
    expect(() => decodeFreezeOrder(forged, undefined)).toThrow('cannot be read');
  });
});

describe('a user of the console', () => {
  it.each(['aws:123456789012:user/AIDAANN', 'system:sweep', 'AWS:123456789012:role/Admin'])(
    'O10: who is called %s acts under no such name',
    async (by) => {
      const answer = await desk.post('/refunds/freeze', REASON, { by, groups: '[admin]' });
      expect(answer).toMatchObject({ status: 401, body: { code: 'subject-missing' } });
      expect(await isFrozen()).toBe(false);
    },
  );
});

describe('the command line on a stage of AWS', () => {
  const operator = operatorOf(ANN.signedBy as Parameters<typeof operatorOf>[0]) ?? '';
  const ask = (typed: string, isThere = true) => ({ isThere, ask: async () => typed });

  it('O11: changes nothing without a terminal or --yes', async () => {
    const withoutTerminal = confirmStage('prod', { yes: false, terminal: ask('prod', false) });
    await expect(withoutTerminal).rejects.toThrow('Nothing was changed');
    await confirmStage('prod', { yes: true, terminal: ask('', false) });
  });

  it('O11: shows what it would change, and wants the name of the stage', async () => {
    const caller = { accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:user/ann`, userId: 'AIDAANN', operator };
    const shown = describeTarget({ stage: 'prod', region: 'eu-west-1', caller });
    for (const fact of [ACCOUNT, 'eu-west-1', 'Onecharge-prod', caller.userArn, operator])
      expect(shown).toContain(fact);
    for (const typed of ['', 'y', 'yes', 'dev', 'PROD']) {
      await expect(confirmStage('prod', { yes: false, terminal: ask(typed) })).rejects.toThrow('Nothing was changed');
    }
    await confirmStage('prod', { yes: false, terminal: ask('prod') });
  });
});

describe('the API of a local run', () => {
  let emulator: BareEmulator;
  beforeAll(async () => {
    emulator = await startBareEmulator();
  });
  afterAll(() => emulator?.end());

  const PATH = '/operator/refunds/freeze';

  function headersOf(key: string, { service = 'execute-api', path = PATH } = {}): Record<string, string> {
    const { credentials, region } = settingsOf({ endpoint: emulator.endpoint, key });
    return signedHeaders(credentials, {
      url: `http://0123abcd.execute-api.localhost:${emulator.port}${path}`,
      method: 'POST',
      region,
      service,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      nowMs: Date.now(),
    });
  }

  function post(headers: Readonly<Record<string, string>>, path = PATH): Promise<number> {
    const url = new URL(path, `http://0123abcd.execute-api.localhost:${emulator.port}`);
    return new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', headers, lookup: toLoopback }, (got) => {
        got.resume();
        got.on('end', () => resolve(got.statusCode ?? 0));
      });
      sent.on('error', reject);
      sent.end('{}');
    });
  }

  it('lets a request through that the run’s key has signed: there is no such API', async () => {
    expect(await post(headersOf(emulator.key))).toBe(404);
  });

  it('O2: refuses an act of an operator without a signature', async () => {
    expect(await post({ 'content-type': 'application/json' })).toBe(403);
    expect(await post({ authorization: 'Bearer a.b.c' })).toBe(403);
  });

  it('O3: refuses a signature with another key, for another path or another service', async () => {
    expect(await post(headersOf('another key'))).toBe(403);
    expect(await post(headersOf(emulator.key, { path: '/operator/refunds/thaw' }))).toBe(403);
    expect(await post(headersOf(emulator.key, { service: 'lambda' }))).toBe(403);
    const { authorization = '', ...others } = headersOf(emulator.key);
    const changed = authorization.replace(/Signature=./, (found) =>
      found.endsWith('0') ? 'Signature=1' : 'Signature=0',
    );
    expect(await post({ ...others, authorization: changed })).toBe(403);
  });

  it('O4: refuses headers that claim an identity in the place of a signature', async () => {
    const identity = JSON.stringify(ANN.signedBy);
    for (const name of ['x-amzn-iam', 'x-onecharge-identity', 'x-amz-security-token', 'authorizer', 'x-amzn-caller']) {
      expect(await post({ [name]: identity })).toBe(403);
    }
  });
});
