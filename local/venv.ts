import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runGuarded } from './guarded-process.ts';
import { tailOf } from './log-tail.ts';
import { LOCAL_DIR, logFile, VENV_DIR } from './paths.ts';
import { UserError } from './user-error.ts';

const run = promisify(execFile);
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
/** Written last, so that an installation that was cut off is not taken for a whole one. */
const STAMP = join(VENV_DIR, '.requirements.sha256');
const PYTHON_PROBE = 'import sys\nprint(sys.version_info >= (3, 10))\nimport venv, ensurepip';

/** Makes sure that `.local/venv` holds the pinned emulator, and returns its Python. Installs once per requirements file. */
export async function ensureVenv(note: (text: string) => void): Promise<string> {
  const python = join(VENV_DIR, 'bin', 'python');
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(python) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return python;

  await checkPython();
  note('installing the emulator (once)');
  rmSync(VENV_DIR, { recursive: true, force: true });
  const log = logFile('venv');
  writeFileSync(log, '');
  await install({ command: 'python3', args: ['-m', 'venv', VENV_DIR], log });
  await install({
    command: python,
    args: ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-deps', '--requirement', REQUIREMENTS],
    log,
  });
  writeFileSync(STAMP, wanted);
  return python;
}

async function install({ command, args, log }: { command: string; args: readonly string[]; log: string }) {
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  const { code } = await runGuarded({ command, args, env, cwd: LOCAL_DIR, logFile: log });
  if (code === 0) return;
  throw new UserError(`The emulator could not be installed (${log}): ${tailOf(log, 1)}`);
}

async function checkPython(): Promise<void> {
  let answer: string;
  try {
    answer = (await run('python3', ['-c', PYTHON_PROBE])).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UserError(
        'python3 is missing; the emulator needs Python 3.10 or newer: apt-get install python3 python3-venv',
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
      'python3 is older than 3.10, which the emulator needs; install a newer one (Debian 12 has 3.11)',
    );
  }
}
