import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { EmulatorTarget } from '../../cli/aws.ts';
import { ROOT } from '../../cli/paths.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** All that it has written on standard error so far. */
  stderr(): string;
  readonly ended: Promise<Ended>;
}

/** Runs the CLI against an emulator that is up. */
export function onecharge({ endpoint, key }: EmulatorTarget, ...args: readonly string[]): Promise<Ended> {
  return run('bin/onecharge.ts', args, { AWS_ENDPOINT_URL: endpoint, ONECHARGE_EMULATOR_KEY: key }).ended;
}

/** Runs one of the project's programs with the Node that runs the tests. */
export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  return start(process.execPath, [join(ROOT, program), ...args], environment);
}

const unended = new Set<Running>();

/** Ends in order what is still running, for tests that fail before they have seen its end. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...unended].map(async ({ child, ended }) => {
      child.kill('SIGTERM');
      await ended;
    }),
  );
}

/** Starts a command at the project's root, in a process group of its own as a shell does. */
export function start(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): Running {
  const child = spawn(command, args, {
    cwd: ROOT,
    // With it the program ends by itself when these tests are killed.
    env: { ...process.env, ONECHARGE_LAUNCHED: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  const running = { child, stderr: () => output.stderr, ended };
  unended.add(running);
  ended.catch(() => undefined).finally(() => unended.delete(running));
  return running;
}
