import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../../console/api/api.ts';

let asked = 0;
const host = createServer((request, response) => {
  asked += 1;
  response.writeHead(Number(request.url?.slice(1)), { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ detail: 'as it is' }));
});
let apiUrl = '';

beforeAll(async () => {
  await new Promise<void>((listening) => host.listen(0, '127.0.0.1', listening));
  const address = host.address();
  apiUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => {
  host.close();
});

it.each([
  { token: 'a token', status: 401, isKnown: false, requests: 1 },
  { token: 'a token', status: 403, isKnown: true, requests: 1 },
  { token: 'a token', status: 500, isKnown: true, requests: 1 },
  { token: undefined, status: 401, isKnown: false, requests: 0 },
])(
  'an answer of $status to $token leaves somebody signed in: $isKnown',
  async ({ token, status, isKnown, requests }) => {
    asked = 0;
    let isStillKnown = true;
    const onUnknown = () => {
      isStillKnown = false;
    };
    const api = createApi({ apiUrl, token: async () => token, onUnknown });
    await expect(api.get(`/${status}`)).rejects.toMatchObject({ name: 'ApiProblem', status });
    expect({ isKnown: isStillKnown, requests: asked }).toEqual({ isKnown, requests });
  },
);
