import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from './stack.ts';

/** The emulator runs each function in processes of its own, which are killed as AWS never warns before it does. */
export function killWorkers({ endpoint }: Stack, prefix: string): number {
  const { port } = new URL(endpoint);
  const own = new RegExp(`/emulator-${port}/tmp/ministack-lambda-[\\w-]+-${prefix}[0-9A-F]{8}-`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && own.test(commandOf(name)));
  return pids.map(Number).filter(kill).length;
}

/** A process may end while it is looked at. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
