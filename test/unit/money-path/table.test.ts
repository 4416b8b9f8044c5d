import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const TESTS = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('../docs/money-path.md', TESTS), 'utf8');

/** The lines of the faults, as they were found: moved or stranded money, live configuration, endless work. */
const LINES = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, '12a', '12b'].map((line) => `A${line}`),
  ...[12, 13, 14, 15, 16].map((line) => `B${line}`),
  ...[17, 18, 19, 20, 21].map((line) => `C${line}`),
];

/** Each test that a line of the page names, as `file: name`. */
const named = PAGE.split('\n').flatMap((row) => {
  const line = /^\| ([ABC]\d+[ab]?) \|/.exec(row)?.[1];
  if (line === undefined) return [];
  const cell = row.split(' | ').at(-1) ?? '';
  return [...cell.matchAll(/`([^`"]+\.ts)`: ((?:"[^"]+"(?:; )?)+)/g)].flatMap(([, file = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ line, file, name })),
  );
});

it.each(LINES)('line %s has a test that holds it', (line) => {
  expect(named.some((each) => each.line === line)).toBe(true);
});

it.each(named)('line $line: $file has the test "$name"', ({ file, name }) => {
  const code = readFileSync(new URL(file, TESTS), 'utf8');
  expect([`'${name}'`, `"${name}"`].some((quoted) => code.includes(quoted))).toBe(true);
});
