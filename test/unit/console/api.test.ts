import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../../console/api/api.ts';
import { ApiProblem, isConflict, isPassing } from '../../../console/api/problem.ts';

/** What API Gateway itself answers has no code. */
const CODES: Readonly<Record<string, string>> = {
  '/401/subject': 'subject-missing',
  '/401/link': 'link-unknown',
  '/401/recent': 'sign-in-again',
  '/403': 'role-needed',
  '/409': 'too-late',
  '/418': 'a-code-of-tomorrow',
  '/500': 'internal-error',
};
let asked = 0;
const host = createServer((request, response) => {
  asked += 1;
  response.writeHead(Number(request.url?.slice(1, 4)), { 'content-type': 'application/problem+json' });
  const code = CODES[request.url ?? ''];
  response.end(JSON.stringify(code === undefined ? { message: 'as it is' } : { code, detail: 'as it is' }));
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
  { token: 'a token', path: '/401', code: 'signed-out', isKnown: false, requests: 1 },
  { token: 'a token', path: '/401/subject', code: 'subject-missing', isKnown: false, requests: 1 },
  { token: 'a token', path: '/401/link', code: 'link-unknown', isKnown: true, requests: 1 },
  { token: 'a token', path: '/403', code: 'role-needed', isKnown: true, requests: 1 },
  { token: 'a token', path: '/409', code: 'too-late', isKnown: true, requests: 1 },
  { token: 'a token', path: '/418', code: 'unknown-problem', isKnown: true, requests: 1 },
  { token: 'a token', path: '/429', code: 'too-many-requests', isKnown: true, requests: 1 },
  { token: 'a token', path: '/500', code: 'internal-error', isKnown: true, requests: 1 },
  { token: 'a token', path: '/503', code: 'unreachable', isKnown: true, requests: 1 },
  { token: undefined, path: '/401', code: 'signed-out', isKnown: false, requests: 0 },
])('$path with $token is $code and leaves a user signed in: $isKnown', async (each) => {
  const { token, path, code, isKnown, requests } = each;
  asked = 0;
  let isStillKnown = true;
  const onUnknown = () => {
    isStillKnown = false;
  };
  const api = createApi({ apiUrl, token: async () => token, onUnknown, signInAgain: async () => false });
  await expect(api.get(path)).rejects.toMatchObject({ name: 'ApiProblem', code });
  expect({ isKnown: isStillKnown, requests: asked }).toEqual({ isKnown, requests });
});

it.each([
  { again: true, mayRepeat: true, requests: 2 },
  { again: true, mayRepeat: false, requests: 1 },
  { again: false, mayRepeat: true, requests: 1 },
])(
  'an act that needs a recent sign-in is repeated once, where the user signs in and has seen what it is about',
  async (each) => {
    asked = 0;
    let isStillKnown = true;
    const onUnknown = () => {
      isStillKnown = false;
    };
    const api = createApi({ apiUrl, token: async () => 'a token', onUnknown, signInAgain: async () => each.again });
    const act = api.post('/401/recent', {}, { mayRepeat: async () => each.mayRepeat });
    await expect(act).rejects.toMatchObject({ code: 'sign-in-again' });
    expect({ asked, isStillKnown }).toEqual({ asked: each.requests, isStillKnown: true });
  },
);

it.each([
  { code: 'internal-error', isAskedAgain: true, hasMoved: false },
  { code: 'too-many-requests', isAskedAgain: true, hasMoved: false },
  { code: 'too-late', isAskedAgain: false, hasMoved: true },
  { code: 'comments-full', isAskedAgain: false, hasMoved: false },
  { code: 'not-migrated', isAskedAgain: false, hasMoved: false },
  { code: 'role-needed', isAskedAgain: false, hasMoved: false },
] as const)('$code is asked again: $isAskedAgain; it says that the page was stale: $hasMoved', (each) => {
  const problem = new ApiProblem({ code: each.code, detail: 'in any words' });
  expect({ isAskedAgain: isPassing(problem), hasMoved: isConflict(problem) }).toMatchObject({
    isAskedAgain: each.isAskedAgain,
    hasMoved: each.hasMoved,
  });
});

it('an error of the network is asked again', () => {
  expect(isPassing(new TypeError('Failed to fetch'))).toBe(true);
});
