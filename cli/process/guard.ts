import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

/**
 * Runs one command in a process group of its own and ends that whole group when the command ends, when asked to, or
 * when the process that started the guard is gone: the channel to it closes even after `kill -9`.
 *
 * Called as `node guard.ts <command> [args…]` by guarded-process.ts, with an IPC channel. The folder in GUARD_REMOVES is
 * removed last.
 */
const GRACE_MS = 3_000;
/** A killed process is gone once the system has run it a last time: at once, or later where all cores are busy. */
const GONE_MS_MAX = 15_000;
const REMOVE_TRIES = 10;
const POLL_MS = 50;

const [command, ...args] = process.argv.slice(2);
if (command === undefined || process.send === undefined) {
  process.stderr.write('guard: needs a command and an IPC channel\n');
  process.exit(64);
}

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
let ending = false;
let exit: { readonly code: number | null; readonly signal: string | null } | undefined;

child.on('spawn', () => notify({ kind: 'started', pid: child.pid }));
child.on('error', (error) => {
  notify({ kind: 'failed', message: error.message });
  process.exit(127);
});
child.on('exit', (code, signal) => {
  exit = { code, signal };
  void end();
});
process.on('disconnect', () => void end());
process.on('message', () => void end());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  signalGroup('SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  while (isGroupAlive() && Date.now() < deadline) await pause();
  // What the command started and left behind is in its group still.
  signalGroup('SIGKILL');
  while (isGroupAlive() && Date.now() < deadline + GONE_MS_MAX) await pause();
  const folder = process.env.GUARD_REMOVES;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: REMOVE_TRIES });
  notify({ kind: 'exited', code: exit?.code ?? null, signal: exit?.signal ?? null });
  process.exit(0);
}

function signalGroup(signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false; // no member is left
  }
}

function isGroupAlive(): boolean {
  return signalGroup(0);
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, POLL_MS));
}

function notify(message: object): void {
  if (process.connected) process.send?.(message);
}
