import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const PAGE = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
/** Attacks that need a browser or the deployed stack are in the second one. */
const FOLDERS = ['.', '../e2e/'].map((folder) => new URL(folder, import.meta.url));

/** A threat of the page begins its row; the tests that attack begin their names with the row. */
const threats = [...PAGE.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, row = '']) => row);
const attacks = FOLDERS.flatMap((folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return files.flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/['"`]([A-Z]\d+): /g)]);
}).map(([, row = '']) => row);

it('names each threat once', () => {
  expect(threats.filter((row, at) => threats.indexOf(row) !== at)).toEqual([]);
});

it('has an attack for each threat, and a threat for each attack', () => {
  expect([...new Set(attacks)].sort()).toEqual([...threats].sort());
});
