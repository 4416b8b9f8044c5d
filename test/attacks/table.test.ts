import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const HERE = new URL('.', import.meta.url);
const PAGE = readFileSync(new URL('../../docs/security.md', HERE), 'utf8');

/** A threat of the page begins its row; the tests that attack begin their names with the row. */
const threats = [...PAGE.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, row = '']) => row);
const attacks = readdirSync(HERE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(new URL(file, HERE), 'utf8').matchAll(/['"`]([A-Z]\d+): /g)])
  .map(([, row = '']) => row);

it('names each threat once', () => {
  expect(threats.filter((row, at) => threats.indexOf(row) !== at)).toEqual([]);
});

it('has an attack for each threat, and a threat for each attack', () => {
  expect([...new Set(attacks)].sort()).toEqual([...threats].sort());
});
