import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../../cli/paths.ts';
import { captured, charge } from '../../../fixtures/charges.ts';
import { SAME_ORDER, SOURCE } from '../../../fixtures/configurations.ts';
import { wireOf } from '../../../fixtures/wire-of.ts';

let folder: string;
const put = (name: string, content: string) => writeFileSync(join(folder, name), content);
const textOf = (...chargeIds: readonly string[]) =>
  chargeIds.map((chargeId) => `${new TextDecoder().decode(wireOf(captured(charge({ chargeId }))))}\n`).join('');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-cases-'));
  for (const name of ['good', 'none', 'odd', 'odd/folder.ndjson']) mkdirSync(join(folder, name));
  put('good/b.ndjson', textOf('ch_1', 'ch_2'));
  put('good/a.ndjson', '');
  put('good/notes.txt', 'no case');
  put('none/notes.txt', 'no case');
  put('no-json.json', '{');
  put('version-1.json', JSON.stringify({ namespaces: [], detectors: [SAME_ORDER] }));
  put('wrong.json', JSON.stringify({ sources: {}, detectors: [] }));
  const sources = { '/processors/wallet': { ...SOURCE, gateway: undefined } };
  put('monitor.json', JSON.stringify({ sources, detectors: [SAME_ORDER] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function cases(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(ROOT, 'bin/onecharge.ts'), 'cases', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

const resultsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('onecharge cases', () => {
  it('prints one JSON line a file, by name', () => {
    const { status, stdout, stderr } = cases('good', '--json', '--attested');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(resultsOf(stdout)).toMatchObject([
      { file: 'a.ndjson', charges: [], quarantined: [], alerts: [] },
      { file: 'b.ndjson', charges: [{ chargeId: 'ch_1' }, { chargeId: 'ch_2', original: 'ch_1' }] },
    ]);
  });

  it('prints a table for a person', () => {
    expect(cases('good').stdout).toMatch(
      /b\.ndjson\n {2}charge +outcome +waits for +refunded +original\n {2}ch_1 +none\n/,
    );
  });

  it('plays a configuration that it is given', () => {
    const [, second] = resultsOf(cases('good', '--json', '--config', 'monitor.json').stdout);
    expect(second.charges).toMatchObject([{ outcome: 'none' }, { outcome: 'monitored', refundedMinor: 0 }]);
  });

  it.each([
    ['a folder that does not exist', ['nowhere'], /^onecharge: nowhere does not exist; name a folder with /],
    ['a file', ['good/b.ndjson'], /^onecharge: good\/b\.ndjson is no folder; name the folder /],
    ['a folder without event files', ['none'], /^onecharge: none has no \*\.ndjson file; put one /],
    ['an event file that cannot be read', ['odd'], /^onecharge: odd\/folder\.ndjson is a folder; name a file in it\n/],
    [
      'a configuration that does not exist',
      ['good', '--config', 'x.json'],
      /^onecharge: x\.json cannot be used: it does /,
    ],
    [
      'a configuration that is no JSON',
      ['good', '--config', 'no-json.json'],
      /^onecharge: no-json\.json is no JSON; name /,
    ],
    [
      'an option that is not there',
      ['good', '--fast'],
      /^onecharge: unknown option '--fast'; allowed: --json, --attested, /,
    ],
    ['no folder', [], /^onecharge: missing required argument 'folder'/],
  ])('refuses %s in a line', (_, args, message) => {
    const { status, stderr } = cases(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each(['wrong.json', 'version-1.json'])('tells each problem of %s on a line', (name) => {
    const { status, stderr } = cases('good', '--config', name, '--attested');
    const [head, ...problems] = stderr.trim().split('\n');
    expect(status).toBe(1);
    expect(head).toBe(`onecharge: ${name} cannot be used; correct it and try again:`);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((line) => /^ {2}\w+.*: /.test(line))).toBe(true);
  });

  it('is npm run cases', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(scripts.cases).toBe('node bin/onecharge.ts cases');
  });
});
