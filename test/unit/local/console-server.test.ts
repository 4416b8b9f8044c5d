import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleServer, listenForConsole } from '../../../local/console-server.ts';

let desk: ConsoleServer;
let asked: { method: string; url: string; body: string }[] = [];
const emulator = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: string[] = [];
  for await (const chunk of request.setEncoding('utf8')) chunks.push(chunk);
  asked.push({ method: request.method ?? '', url: request.url ?? '', body: chunks.join('') });
  if (request.url === '/slow') await sleep(200);
  response.writeHead(request.url === '/cases/none' ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ path: request.url }));
}

beforeAll(async () => {
  await new Promise<void>((listening) => emulator.listen(0, '127.0.0.1', listening));
  const address = emulator.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  desk = await listenForConsole(0);
  expect((await fetch(desk.url)).status).toBe(503);
  desk.open({
    endpoint,
    outputs: {
      ApiUrl: endpoint.replace('127.0.0.1', 'an-api.localhost'),
      UserPoolId: 'pool',
      UserPoolClientId: 'client',
    },
    site: new Map([
      ['/index.html', { body: '<!doctype html>', type: 'text/html', immutable: false }],
      ['/assets/a.js', { body: '1', type: 'text/javascript', immutable: true }],
    ]),
  });
});

afterAll(() => {
  emulator.close();
});

describe('the console’s host on this machine', () => {
  it.each([
    { path: '/', status: 200, type: 'text/html', cache: 'no-cache' },
    { path: '/cases/0123?status=open', status: 200, type: 'text/html', cache: 'no-cache' },
    { path: '/assets/a.js', status: 200, type: 'text/javascript', cache: 'public, max-age=31536000, immutable' },
    { path: '/assets/gone.js', status: 404, type: 'text/plain', cache: 'no-store' },
    { path: '/settings.json', status: 200, type: 'application/json', cache: 'no-store' },
  ])('answers $path with $status, under the console’s headers', async ({ path, status, type, cache }) => {
    const got = await fetch(desk.url + path);
    expect(got.status).toBe(status);
    expect(got.headers.get('content-type')).toBe(type);
    expect(got.headers.get('cache-control')).toBe(cache);
    expect(got.headers.get('content-security-policy')).toContain("default-src 'none'");
    await got.text();
  });

  it('hands the API’s paths on without the prefix, and its errors back as they are', async () => {
    asked = [];
    expect(await (await fetch(`${desk.url}/api/cases?limit=1`)).json()).toEqual({ path: '/cases?limit=1' });
    expect((await fetch(`${desk.url}/api/cases/none`)).status).toBe(404);
    await fetch(`${desk.url}/api/flags/1/keep`, { method: 'POST', body: '{"reason":"x"}' });
    expect(asked.at(-1)).toEqual({ method: 'POST', url: '/flags/1/keep', body: '{"reason":"x"}' });
  });

  it('reaches no other host, whatever the path looks like', async () => {
    await fetch(`${desk.url}/api//example.org/x`);
    expect(asked.at(-1)?.url).toBe('//example.org/x');
  });

  it.each(['GET', 'DELETE', 'POST'])(
    'hands on a %s with a body in chunks as one request, whatever the body says',
    async (method) => {
      asked = [];
      const body = 'POST /flags/1/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
      const { host, port } = new URL(desk.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(
        `${method} /api/cases HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
      for await (const _ of socket);
      expect(asked).toEqual([{ method, url: '/cases', body }]);
    },
  );

  it('hands on to the emulator what is for Cognito, and nothing that is for another service', async () => {
    asked = [];
    const askFor = (headers: Record<string, string>) =>
      fetch(`${desk.url}/cognito`, { method: 'POST', headers, body: '{}' }).then(({ status }) => status);
    expect(await askFor({ 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' })).toBe(200);
    expect(await askFor({ 'x-amz-target': 'DynamoDB_20120810.ListTables' })).toBe(403);
    expect(await askFor({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(403);
    expect(asked).toHaveLength(1);
  });

  it('tells another host’s name that it is none of it', async () => {
    const { port } = new URL(desk.url);
    const status = await new Promise((resolve) => {
      request({ port, host: '127.0.0.1', headers: { host: 'evil.example' } }, (got) => {
        got.resume();
        resolve(got.statusCode);
      }).end();
    });
    expect(status).toBe(421);
  });

  it('lives on when a page leaves in the middle of an answer, and when the emulator is gone', async () => {
    for (const method of ['GET', 'POST']) {
      const leaving = fetch(`${desk.url}/api/slow`, {
        method,
        signal: AbortSignal.timeout(20),
        ...(method === 'POST' && { body: 'x'.repeat(500_000) }),
      });
      await expect(leaving).rejects.toThrow();
    }
    await sleep(300);
    expect((await fetch(`${desk.url}/api/cases`)).status).toBe(200);
    emulator.closeAllConnections();
    await new Promise((closed) => emulator.close(closed));
    expect((await fetch(`${desk.url}/api/cases`)).status).toBe(502);
  });
});
