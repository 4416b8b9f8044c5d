import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { EmulatorTarget } from './aws.ts';
import { RUNNING_FILE } from './paths.ts';

/** An emulator that another program started may ask for no key: then any will do. */
const ANY_KEY = 'test';

/** Finds the local run that is up: what AWS_ENDPOINT_URL names, else what the first `npm start` that is still up wrote. */
export function findRunning(): EmulatorTarget | undefined {
  const named = process.env.AWS_ENDPOINT_URL;
  return named !== undefined && named !== '' ? targetAt(named) : runningMark();
}

/** Returns an emulator with its key: ONECHARGE_EMULATOR_KEY, or the one that the run at this endpoint wrote. */
export function targetAt(named: string): EmulatorTarget {
  const endpoint = named.replace(/\/+$/, '');
  const mark = runningMark();
  const written = mark?.endpoint === endpoint ? mark.key : ANY_KEY;
  return { endpoint, key: process.env.ONECHARGE_EMULATOR_KEY || written };
}

/** Forgets the mark of this process's run. */
export function forgetRunning(): void {
  if (runningMark()?.pid === process.pid) rmSync(RUNNING_FILE, { force: true });
}

const runningSchema = z.object({ endpoint: z.string(), key: z.string(), pid: z.number() });

/** What the first run wrote that is still up. */
function runningMark(): z.infer<typeof runningSchema> | undefined {
  if (!existsSync(RUNNING_FILE)) return undefined;
  const mark = runningSchema.safeParse(JSON.parse(readFileSync(RUNNING_FILE, 'utf8')));
  // A mark without a key is of an earlier version's run.
  return mark.success && isAlive(mark.data.pid) ? mark.data : undefined;
}

/** The first run that is up keeps the mark: a demo beside it must not take the command line's place away. */
export function markRunning({ endpoint, key }: EmulatorTarget): void {
  if (runningMark() !== undefined) return;
  // A file that is there keeps its mode, and the key is for this user alone.
  rmSync(RUNNING_FILE, { force: true });
  writeFileSync(RUNNING_FILE, `${JSON.stringify({ endpoint, key, pid: process.pid })}\n`, { mode: 0o600 });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
