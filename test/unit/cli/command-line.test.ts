import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../../cli/paths.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-'));
  writeFileSync(join(folder, 'empty.ndjson'), '');
  writeFileSync(join(folder, 'broken.ndjson'), 'nope\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const RANGE = ['--source', '/processors/acme', '--from', '2024-11-11', '--to', '2024-11-12'];

test.each([
  ['a scenario of no orders', ['scenario', 'double11', '--orders', '0'], /^onecharge: orders must be .* from 150 to/],
  [
    'a scenario for a folder that is not there',
    ['scenario', 'double11', '--orders', '150', '--out', 'none/x.ndjson'],
    /^onecharge: none\/x\.ndjson cannot be used: it does not exist \(ENOENT\)/,
  ],
  [
    'flags for such a folder',
    ['local', '--flags', 'none/flags.ndjson'],
    /^onecharge: none\/flags\.ndjson cannot be used/,
  ],
  [
    'a replay of an empty file',
    ['replay', 'empty.ndjson'],
    /^onecharge: empty\.ndjson is empty; there is nothing to replay/,
  ],
  ['a list that does not exist', ['reconcile', 'none.csv'], /^onecharge: none\.csv does not exist/],
  [
    'an empty list that does not say what it speaks for',
    ['reconcile', 'empty.ndjson'],
    /\nonecharge: The list is empty: /,
  ],
  [
    'an empty list that does, with nothing deployed',
    ['reconcile', 'empty.ndjson', ...RANGE],
    /\nonecharge: The stack Onecharge-local cannot be read\. .*ECONNREFUSED.*\. AWS cannot be reached\. Check the network/,
  ],
  [
    'a list that cannot be read',
    ['reconcile', 'broken.ndjson'],
    /\nonecharge: Nothing was compared: .*\n +broken\.ndjson:1: /,
  ],
  [
    'an option that is not there',
    ['status', '--fast'],
    /^onecharge: unknown option '--fast'; allowed: --json, --stage, --help\n$/,
  ],
  ['a command that is not there', ['refund'], /^onecharge: unknown command 'refund'; allowed: local, replay, /],
  ['a link for nobody', ['payer-link'], /^onecharge: required option '--payer <token>' not specified\n$/],
])('%s is told in a line, without a stack', (_, args, says) => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/onecharge.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    // Nobody listens there: nothing is deployed, whatever else runs on this machine.
    env: { ...process.env, ONECHARGE_LAUNCHED: '1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
  });
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(status).toBe(1);
});
