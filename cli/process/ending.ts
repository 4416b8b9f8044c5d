import { constants } from 'node:os';
import { forgetRunning } from '../running.ts';
import { endAllGuarded } from './guarded-process.ts';

type CleanUp = () => Promise<unknown>;

const ORPHAN_POLL_MS = 1_000;
/** Cleaning up talks to the emulator at most this long before its processes are ended anyway. */
const CLEAN_UP_MS_MAX = 3_000;
const cleanUps: CleanUp[] = [];
let isEnding = false;

/** True once the process is on its way out: what fails then fails because of it. */
export function isProcessEnding(): boolean {
  return isEnding;
}

/** Registers what to clean up before the emulator ends, last registered first. */
export function beforeEnd(cleanUp: CleanUp): void {
  cleanUps.unshift(cleanUp);
}

/** Ends what this process started and then the process. The first caller's code holds. */
export async function endProcess(code: number): Promise<never> {
  if (isEnding) return new Promise(() => {});
  isEnding = true;
  const timeout = new Promise((done) => setTimeout(done, CLEAN_UP_MS_MAX).unref());
  for (const cleanUp of cleanUps) await Promise.race([cleanUp().catch(() => undefined), timeout]);
  await endAllGuarded();
  forgetRunning();
  process.exit(code);
}

/**
 * Ends the process in order on Ctrl-C, a polite kill, a closed terminal, and when npm or the launcher that called it has
 * been killed. What `kill -9` leaves is ended by the guards.
 *
 * @param codeOn the exit code for a signal
 */
export function endOnSignals(codeOn: (signal: NodeJS.Signals) => number): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!isEnding) process.stderr.write('\nEnding…\n');
      void endProcess(codeOn(signal));
    });
  }
  if (process.env.npm_lifecycle_event === undefined && process.env.ONECHARGE_LAUNCHED === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void endProcess(signalCode('SIGHUP'));
  }, ORPHAN_POLL_MS).unref();
}

/** The shells' convention for a process that a signal ended. */
export function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
