import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LOCAL_DIR } from '../../cli/paths.ts';
import { eventually } from './eventually.ts';

/** What a run must not leave behind: processes, a listening port, folders. Each in words. */
export async function leftoversOf(port: number, mark: string): Promise<readonly string[]> {
  const folders = [`emulator-${port}`, `cdk.out-${port}`].map((name) => join(LOCAL_DIR, name)).filter(existsSync);
  const listening = (await isListening(port)) ? [`something listens on port ${port}`] : [];
  return [...processesWith([mark, `emulator-${port}`]), ...listening, ...folders];
}

/** Waits until a run that has ended has left nothing behind: its guards end a moment after it. */
export async function untilNothingIsLeft(leftovers: () => Promise<readonly string[]>): Promise<void> {
  let left: readonly string[] = [];
  const isClean = async () => {
    left = await leftovers();
    return left.length === 0 || undefined;
  };
  await eventually('nothing is left', isClean).catch(() => expect(left).toEqual([]));
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Processes that show one of the texts in their command line or in the environment that they inherited. */
function processesWith(texts: readonly string[]): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const command = readOrNothing(`/proc/${pid}/cmdline`);
    const shown = command + readOrNothing(`/proc/${pid}/environ`);
    return texts.some((text) => shown.includes(text)) ? [`process ${pid}: ${command.replaceAll('\0', ' ')}`] : [];
  });
}

/** A process may end while it is looked at. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
