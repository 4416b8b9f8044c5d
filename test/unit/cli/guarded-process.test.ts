import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startGuarded } from '../../../cli/process/guarded-process.ts';

const MODULE = resolve('cli/process/guarded-process.ts');
/** A command with a child of its own, both of which would run for ever. */
const FAMILY = 'sleep 600 & echo $!; wait';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function command(script: string) {
  return { command: 'sh', args: ['-c', script], env: process.env, cwd: folder, logFile: join(folder, 'log') };
}

async function membersOf(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pgid,stat']);
  // Those that nobody has waited for yet are dead all the same.
  return stdout.split('\n').filter((line) => Number(line.trim().split(/\s+/)[0]) === group && !/Z/.test(line)).length;
}

describe('a guarded command', () => {
  test('tells its exit code', async () => {
    const guarded = await startGuarded(command('exit 7'));
    expect(await guarded.exited).toEqual({ code: 7, signal: null });
  });

  test('that does not exist is a fault', async () => {
    await expect(startGuarded({ ...command(''), command: 'no-such-command' })).rejects.toThrow(/no-such-command/);
  });

  test('takes what it started with it when it is ended', async () => {
    const guarded = await startGuarded(command(FAMILY));
    await vi.waitFor(async () => expect(await membersOf(guarded.pid)).toBe(2));
    await guarded.end();
    expect(await membersOf(guarded.pid)).toBe(0);
  });

  test('takes what it started with it when it ends by itself', async () => {
    const guarded = await startGuarded(command('sleep 600 & exit 0'));
    await guarded.exited;
    expect(await membersOf(guarded.pid)).toBe(0);
  });

  test('is ended when the process that started it is killed', async () => {
    const script = `const { startGuarded } = await import(${JSON.stringify(MODULE)});
      const guarded = await startGuarded(${JSON.stringify({ ...command(FAMILY), env: {} })});
      console.log(guarded.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const group = await new Promise<number>((done) => parent.stdout.once('data', (text) => done(Number(text))));
    await vi.waitFor(async () => expect(await membersOf(group)).toBe(2));
    parent.kill('SIGKILL');
    await vi.waitFor(async () => expect(await membersOf(group)).toBe(0), { timeout: 10_000 });
  }, 20_000);
});
