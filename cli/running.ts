import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { RUNNING_FILE } from './paths.ts';

/** Where a local run that is up can be reached: AWS_ENDPOINT_URL, else what the first `npm start` that is still up wrote. */
export function findRunningEndpoint(): string | undefined {
  const named = process.env.AWS_ENDPOINT_URL;
  if (named !== undefined && named !== '') return named;
  return runningMark()?.endpoint;
}

/** Forgets the mark of this process's run. */
export function forgetRunning(): void {
  if (runningMark()?.pid === process.pid) rmSync(RUNNING_FILE, { force: true });
}

const runningSchema = z.object({ endpoint: z.string(), pid: z.number() });

/** What the first run wrote that is still up. */
function runningMark(): z.infer<typeof runningSchema> | undefined {
  if (!existsSync(RUNNING_FILE)) return undefined;
  const mark = runningSchema.parse(JSON.parse(readFileSync(RUNNING_FILE, 'utf8')));
  return isAlive(mark.pid) ? mark : undefined;
}

/** The first run that is up keeps the mark: a demo beside it must not take the command line's place away. */
export function markRunning(endpoint: string): void {
  if (runningMark() !== undefined) return;
  writeFileSync(RUNNING_FILE, `${JSON.stringify({ endpoint, pid: process.pid })}\n`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
