import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOCAL_DIR, logFile, VENVS_DIR } from '../cli/paths.ts';
import { runGuarded } from '../cli/process/guarded-process.ts';
import { tailOf } from '../cli/process/log-tail.ts';
import { UserError } from '../core/user-error.ts';

const run = promisify(execFile);
const PYTHON_PROBE = 'import sys\nprint(sys.version_info >= (3, 11))\nimport venv, ensurepip';

/** Python packages, each pinned with the hashes of its wheels, and their common name for messages. */
export interface Requirements {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

/** Wheels alone: to build a source distribution is to run its code, and packages that no pin names. */
const HOW = ['--quiet', '--no-input', '--no-deps', '--require-hashes', '--only-binary', ':all:'];

/**
 * Makes sure that the pinned packages are installed, and returns their Python. Installs once per requirements file: in a
 * folder of this process's own, which gets its name when it is whole. So an installation that was cut off is never taken
 * for a whole one, and runs that install at the same time do not meet: the first to finish is everybody's.
 */
export async function ensureVenv(required: Requirements, note: (text: string) => void): Promise<string> {
  const wanted = createHash('sha256').update(readFileSync(required.file)).digest('hex').slice(0, 12);
  const whole = join(VENVS_DIR, wanted);
  if (!existsSync(whole)) await installAs(whole, required, note);
  return pythonOf(whole);
}

async function installAs(whole: string, { name, file }: Requirements, note: (text: string) => void): Promise<void> {
  await checkPython();
  note(`installing ${name} (once)`);
  mkdirSync(VENVS_DIR, { recursive: true });
  const ours = `${whole}.${process.pid}`;
  const log = logFile(`venv-${process.pid}`);
  writeFileSync(log, '');
  try {
    await install(name, { command: 'python3', args: ['-m', 'venv', ours], log });
    await install(name, {
      command: pythonOf(ours),
      args: ['-m', 'pip', 'install', ...HOW, '--requirement', file],
      log,
    });
    giveName(ours, whole);
  } finally {
    rmSync(ours, { recursive: true, force: true });
  }
}

/** A folder that holds something is never replaced: then another run was first, and its emulator is as good. */
function giveName(ours: string, whole: string): void {
  try {
    renameSync(ours, whole);
  } catch (error) {
    if (!existsSync(whole)) throw error;
  }
}

/** Called as a module of its Python, a venv works wherever its folder lies. */
function pythonOf(venv: string): string {
  return join(venv, 'bin', 'python');
}

async function install(
  name: string,
  { command, args, log }: { command: string; args: readonly string[]; log: string },
) {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  const { code } = await runGuarded({ command, args, env, cwd: LOCAL_DIR, logFile: log });
  if (code === 0) return;
  throw new UserError(`${name} could not be installed (${log}): ${tailOf(log, 1)}`);
}

async function checkPython(): Promise<void> {
  let answer: string;
  try {
    answer = (await run('python3', ['-c', PYTHON_PROBE])).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UserError(
        'python3 is missing; the emulator needs Python 3.11 or newer: apt-get install python3 python3-venv',
      );
    }
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    if (output.startsWith('True')) {
      throw new UserError('python3 lacks its venv module; install it: apt-get install python3-venv');
    }
    answer = output;
  }
  if (!answer.startsWith('True')) {
    throw new UserError(
      'python3 is older than 3.11, which the emulator needs; install a newer one (Debian 12 has 3.11)',
    );
  }
}
