import { afterEach, expect, it, vi } from 'vitest';
import { logger } from '../../../functions/observability.ts';
import { arrival, captured, charge, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { createDesk, queryContext } from './desk.ts';

afterEach(() => vi.restoreAllMocks());

async function watchedDesk() {
  const context = detectionContext(configuration());
  const pair = [
    captured(charge({ chargeId: 'one' })),
    captured(charge({ chargeId: 'two' }), { timeMs: START_MS + MINUTE }),
  ];
  await judgeAndRaise(
    pair.map((event) => arrival(event)),
    context,
  );
  const lines: unknown[] = [];
  vi.spyOn(logger, 'info').mockImplementation((...line) => void lines.push(line));
  return { desk: createDesk(queryContext(context)), lines };
}

it('has who asked for what, from where, and how it was answered', async () => {
  const { desk, lines } = await watchedDesk();
  await desk.get('/overview', { by: 'ann' });
  expect(lines).toEqual([
    ['access', { route: 'GET /overview', subject: 'ann', from: '203.0.113.7', status: 200, code: undefined }],
  ]);
});

it('has what was refused, to whom and why', async () => {
  const { desk, lines } = await watchedDesk();
  await desk.post('/refunds/freeze', { reason: 'a test' }, { by: 'eve', groups: '[viewer]' });
  expect(lines).toMatchObject([['access', { subject: 'eve', status: 403, code: 'role-needed' }]]);
});

it('has the operator who signed a request', async () => {
  const { desk, lines } = await watchedDesk();
  const accountId = '123456789012';
  const signedBy = { accountId, userArn: `arn:aws:iam::${accountId}:user/ann`, userId: 'AIDAANN' };
  await desk.post('/operator/refunds/freeze', { reason: 'a test' }, { signedBy });
  expect(lines).toMatchObject([['access', { subject: `aws:${accountId}:user/AIDAANN`, status: 200 }]]);
});

it('has no value of a parameter, no body and no link: they hold tokens of payers', async () => {
  const { desk, lines } = await watchedDesk();
  await desk.get('/payers/status?payer=p_1&source=/processors/wallet&merchant=m_1&order=o_1');
  const scope = { payer: 'p_1', source: '/processors/wallet', merchant: 'm_1', order: 'o_1' };
  const { body } = await desk.post('/payer-links', scope);
  await desk.get(`/payer-links/${body.link}`, { groups: null });
  expect(lines).toHaveLength(3);
  const logged = JSON.stringify(lines.map((line) => (Array.isArray(line) ? { ...line[1], route: '' } : line)));
  for (const token of ['p_1', 'm_1', 'o_1', 'wallet', body.link]) expect(logged).not.toContain(token);
  expect(lines[0]).toMatchObject(['access', { query: ['payer', 'source', 'merchant', 'order'] }]);
});
