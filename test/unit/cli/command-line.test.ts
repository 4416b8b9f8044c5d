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
  ['a sale without orders', ['scenario', 'double11'], /^onecharge: double11 needs --orders; /],
  ['a week of nine orders', ['scenario', 'week', '--orders', '9'], /^onecharge: a week has as many orders as its/],
  [
    'a scenario that is not there',
    ['scenario', 'month'],
    /^onecharge: unknown scenario month; allowed: double11, week/,
  ],
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
  [
    'a rule that names no source',
    ['quarantine', 'repair', '--shift-time', '-PT2H'],
    /^onecharge: A rule is for one source and its reasons: name --source and --refused-as, or the id of a record\n$/,
  ],
  [
    'a shift that no two time zones have',
    ['quarantine', 'repair', '--shift-time', '-PT27H'],
    /^onecharge: option '--shift-time <duration>' argument '-PT27H' is invalid\. It must be hours and minutes/,
  ],
  [
    'a map without a field',
    ['quarantine', 'repair', '--map-field', 'data.shop'],
    /^onecharge: option '--map-field <from=to>' argument 'data\.shop' is invalid\. It must be two paths/,
  ],
  [
    'two rules at once',
    ['quarantine', 'repair', '00f1', '--release', '--shift-time', 'PT1H'],
    /^onecharge: Name one rule: --shift-time and --map-field, or --release, or --with FILE\n$/,
  ],
  [
    'a key without a file to write it to',
    ['keys', 'add', '--source', '/p'],
    /^onecharge: required option '--out <file>' not specified\n$/,
  ],
  [
    'a key id with a blank',
    ['keys', 'add', '--source', '/p', '--out', 'k', '--id', 'a b'],
    /^onecharge: option '--id <id>' argument 'a b' is invalid\. It must be 1 to 64 letters/,
  ],
  [
    'a key id that looks like a card number',
    ['keys', 'add', '--source', '/p', '--out', 'k', '--id', 'k-4111111111111111'],
    /^onecharge: option '--id <id>' argument 'k-4111111111111111' is invalid\. It looks like a card number/,
  ],
  [
    'a key of a source that is not registered',
    ['keys', 'add', '--stage', 'prod', '--source', '/p', '--out', 'k'],
    /^onecharge: The configuration of prod has no source \/p; register it first/,
  ],
  ['keys that are not there', ['sign', '--keys', 'none.json'], /^onecharge: none\.json does not exist/],
  [
    'a record and a filter',
    ['quarantine', 'discard', '00f1', '--source', '/p', '--reason', 'x'],
    /^onecharge: Name the record 00f1, or records by --source, .*: not both\n$/,
  ],
  [
    'a discard of everything',
    ['quarantine', 'discard', '--reason', 'x'],
    /^onecharge: Name one record, or records by --source or --refused-as/,
  ],
  ['a discard without a reason', ['quarantine', 'discard', '00f1'], /^onecharge: required option '--reason <text>'/],
  [
    'a reason of quarantine that is not there',
    ['quarantine', 'list', '--refused-as', 'late'],
    /^onecharge: option '--refused-as <reason\.\.\.>' argument 'late' is invalid\. Allowed choices are too-large, not-json/,
  ],
  [
    'a time without a zone',
    ['quarantine', 'list', '--since', '2024-11-11T00:00'],
    /^onecharge: --since must be a day \(UTC\) or a time with its zone/,
  ],
  [
    'a command of the quarantine that is not there',
    ['quarantine', 'empty'],
    /^onecharge: unknown command 'empty'; allowed: list, show, repair, discard/,
  ],
  [
    'what redrive did before',
    ['redrive', '--quarantine'],
    /^onecharge: unknown option '--quarantine'; allowed: --dry-run, --source, --limit, --yes, --stage, --help\n$/,
  ],
  [
    'a name that an operator states',
    ['freeze', '--reason', 'x', '--by', 'ann'],
    /^onecharge: unknown option '--by'; allowed: --yes, --stage, --reason, --merchant, --help\n$/,
  ],
  ['a thaw of no reason and no request', ['thaw'], /^onecharge: Ask with --reason TEXT .* or confirm a request/],
  ['a raise that no one asked for', ['caps', 'confirm', 'mine'], /^onecharge: There is no raise mine/],
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
