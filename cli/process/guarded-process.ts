import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface GuardedProcess {
  /** The command's own pid, which is its process group too. */
  readonly pid: number;
  /** Resolves when the command and all that it started are gone. */
  readonly exited: Promise<Exit>;
  /** Ends the whole group and waits for it. Safe to call twice. */
  end(): Promise<void>;
}

export interface GuardedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** A folder of the command's own that goes when it ends. */
  readonly removes?: string;
}

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), pid: z.number() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  z.object({ kind: z.literal('exited'), code: z.number().nullable(), signal: z.string().nullable() }),
]);

const running = new Set<GuardedProcess>();

/**
 * Starts a command that cannot outlive this process: however this one ends, `kill -9` included, the command and all its
 * descendants in the group end too. A Ctrl-C at the terminal does not reach the command; we end it in our own order.
 */
export function startGuarded({ command, args, env, cwd, logFile, removes }: GuardedCommand): Promise<GuardedProcess> {
  const log = openSync(logFile, 'a');
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), command, ...args], {
    cwd,
    env: { ...env, GUARD_REMOVES: removes },
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    const exit = Promise.withResolvers<Exit>();
    let last: Exit = { code: null, signal: 'SIGKILL' };
    let started: GuardedProcess | undefined;
    guard.on('message', (raw) => {
      const message = messageSchema.parse(raw);
      if (message.kind === 'started') {
        started = guardedProcess(guard, message.pid, exit.promise);
        running.add(started);
        resolve(started);
      } else if (message.kind === 'failed') reject(new Error(message.message));
      else last = { code: message.code, signal: message.signal };
    });
    guard.on('error', reject);
    guard.on('exit', () => {
      if (started === undefined) return reject(new Error(`${command} could not be started`));
      running.delete(started);
      // Only a guard that was killed leaves anybody behind.
      killGroup(started.pid);
      exit.resolve(last);
    });
  });
}

/** Runs a guarded command to its end. */
export async function runGuarded(command: GuardedCommand): Promise<Exit> {
  const guarded = await startGuarded(command);
  return guarded.exited;
}

/** Ends every guarded command of this process and waits until they are gone. */
export async function endAllGuarded(): Promise<void> {
  await Promise.all([...running].map((guarded) => guarded.end()));
}

function guardedProcess(guard: ChildProcess, pid: number, exited: Promise<Exit>): GuardedProcess {
  return {
    pid,
    exited,
    end: async () => {
      if (guard.connected) guard.disconnect();
      await exited;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody was left, as it should be.
  }
}
