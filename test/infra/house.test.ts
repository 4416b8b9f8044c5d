import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './synthesized.ts';

const IGNORED = new Set(
  textOf('.gitignore')
    .split('\n')
    .map((line) => line.replaceAll('/', '')),
);

/** The folders below one, without what is not the repository's. */
function foldersIn(folder: string): readonly string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return folders
    .map(({ name }) => name)
    .filter((name) => !IGNORED.has(name))
    .sort();
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the diagram in README.md', () => {
  const [, diagram = ''] = /```text\n([\s\S]*?)```/.exec(textOf('README.md')) ?? [];
  const lineOf = (folder: string) =>
    diagram.split('\n').find((line) => line.trimStart().startsWith(`${folder}/`)) ?? '';
  const namesIn = (line: string) => [...line.matchAll(/\b[a-z0-9]+\b/g)].map(([name]) => name);

  it('names each folder of the repository', () => {
    expect(foldersIn('.').filter((folder) => !diagram.includes(`${folder}/`))).toEqual([]);
  });

  it.each(['core', 'adapters', 'test'])('names each folder of %s', (folder) => {
    const named = namesIn(lineOf(folder));
    expect(foldersIn(folder).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('names each folder of functions', () => {
    const named = namesIn(diagram.slice(0, diagram.indexOf('core/')));
    expect(foldersIn('functions').filter((name) => !named.includes(name))).toEqual([]);
  });

  it('has the rooms of core in the order of CONTRIBUTING.md', () => {
    const rooms = /^events → .*$/m.exec(textOf('CONTRIBUTING.md'))?.[0].split(' → ');
    expect(lineOf('core').replace('core/', '').trim().split(' ─▶ ')).toEqual(rooms);
  });
});

it('the table in CONTRIBUTING.md has each folder of code and of what it reads', () => {
  const folders = [...textOf('CONTRIBUTING.md').matchAll(/^\| `(\w+)\/` \|/gm)].map(([, folder = '']) => folder);
  expect(folders.toSorted()).toEqual(foldersIn('.').filter((folder) => folder !== 'docs'));
});
