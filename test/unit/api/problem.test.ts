import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROBLEM_CODES } from '../../../core/queries/problem-code.ts';
import { PROBLEMS, Problem, problemDetails } from '../../../functions/api/problem.ts';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'api.md');

it('the documentation has every code of a problem, with its status and when it is answered', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (.*) \|$/gm)];
  const documented = rows.map(([, code, status, when]) => ({ code, status: Number(status), when }));
  expect(documented).toEqual(PROBLEM_CODES.map((code) => ({ code, ...PROBLEMS[code] })));
});

it('a problem carries its code beside the prose', () => {
  const answer = problemDetails(new Problem('own-flag', 'You raised this flag.', { allow: 'GET' }));
  expect(answer).toMatchObject({
    statusCode: 403,
    headers: { allow: 'GET', 'content-type': 'application/problem+json' },
  });
  expect(JSON.parse(answer.body ?? '')).toEqual({
    type: 'about:blank',
    title: 'Forbidden',
    status: 403,
    code: 'own-flag',
    detail: 'You raised this flag.',
  });
});
