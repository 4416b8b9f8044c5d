import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect } from '../../../cli/aws.ts';
import { identityIn } from '../../../cli/caller-identity.ts';
import { describeRaise } from '../../../cli/commands/caps-command.ts';
import { operatorApi } from '../../../cli/operator-api.ts';
import { signedHeaders } from '../../../cli/signed-headers.ts';
import type { StackOutputs } from '../../../cli/stack.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An API that gives one answer to each request, and keeps what it was sent. */
async function apiThat(status: number, answer: unknown) {
  const received: { path: string | undefined; body: string; authorization: string | undefined }[] = [];
  const server = createServer((asked, response) => {
    let body = '';
    asked.on('data', (chunk) => {
      body += chunk;
    });
    asked.on('end', () => {
      received.push({ path: asked.url, body, authorization: asked.headers.authorization });
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const outputs = { ApiUrl: `http://127.0.0.1:${port}/` } as StackOutputs; // all that is read
  return { api: operatorApi({ aws: connect({ endpoint: `http://127.0.0.1:${port}`, key: 'k' }), outputs }), received };
}

const changed = z.object({ changed: z.boolean() });

describe('an act that is sent to the API', () => {
  it('goes to the path of operators, signed for it', async () => {
    const { api, received } = await apiThat(200, { changed: true });
    expect(await api.post('/refunds/freeze', { reason: 'why' }, changed)).toEqual({ changed: true });
    expect(received).toMatchObject([{ path: '/operator/refunds/freeze', body: '{"reason":"why"}' }]);
    expect(received[0]?.authorization).toContain('/us-east-1/execute-api/aws4_request');
  });

  it.each([
    ['what the API answers', 409, { code: 'thaw-over', detail: 'This request is over.' }, 'This request is over.'],
    ['the right that the identity lacks', 403, { message: 'Forbidden' }, 'needs execute-api:Invoke'],
    ['that the gateway failed', 502, { message: 'Bad Gateway' }, 'look into the log'],
    ['that an answer is no JSON', 503, 'sorry', 'status 503'],
  ])('reports %s', async (_, status, answer, message) => {
    const { api } = await apiThat(status, answer);
    await expect(api.post('/refunds/freeze', {}, changed)).rejects.toThrow(message);
  });
});

it('signs the token of a session', () => {
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token' };
  const unsigned = {
    url: 'https://api.example/operator/refunds/freeze',
    method: 'POST',
    region: 'eu-west-1',
    service: 'execute-api',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    nowMs: 0,
  } as const;
  const signed = signedHeaders(credentials, unsigned);
  expect(signed).toMatchObject({ 'x-amz-security-token': 'token', 'x-amz-date': '19700101T000000Z' });
  expect(signed.authorization).toContain(
    'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
  );
  const others = ['token 2', undefined].map((sessionToken) =>
    signedHeaders({ ...credentials, sessionToken }, unsigned),
  );
  expect(new Set([signed, ...others].map(({ authorization }) => authorization)).size).toBe(3);
});

it('reads the identity from the answer of STS', () => {
  const xml = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDAANN</UserId><Account>123456789012</Account>
    </GetCallerIdentityResult></GetCallerIdentityResponse>`;
  expect(identityIn(xml)).toEqual({
    accountId: '123456789012',
    userArn: 'arn:aws:iam::123456789012:user/ann',
    userId: 'AIDAANN',
  });
  expect(() => identityIn('<html/>')).toThrow();
});

it('says what a raise is, and how it is confirmed', () => {
  const at = '2024-11-10T16:00:00.000Z';
  const raise = {
    id: 'CNY-0',
    currency: 'CNY',
    maxMinor: 900_000,
    until: at,
    reason: 'a sale',
    requested: { by: 'ann', at },
    effective: false,
  };
  expect(describeRaise(raise)).toMatch(/^To raise: the cap of all refunds .*9,000\.00.*asked for by ann: a sale\.\n/);
  expect(describeRaise(raise)).toContain('onecharge caps confirm CNY-0');
  expect(describeRaise({ ...raise, merchant: 'm_1', confirmed: { by: 'ben', at } })).toMatch(
    /^Raised the cap of merchant m_1 .* ben confirmed it\.$/,
  );
});
