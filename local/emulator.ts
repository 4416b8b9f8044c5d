import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorTarget } from '../cli/aws.ts';
import { DEFAULT_PORT, LOCAL_ACCOUNT, LOCAL_DIR, LOCAL_REGION, logFile, ROOT } from '../cli/paths.ts';
import { type GuardedProcess, startGuarded } from '../cli/process/guarded-process.ts';
import { tailOf } from '../cli/process/log-tail.ts';
import { targetAt } from '../cli/running.ts';
import { UserError } from '../core/user-error.ts';
import { ensureVenv } from './venv.ts';

/** Its endpoint is the base address of every AWS service, for example `http://127.0.0.1:4566`. */
export interface Emulator extends EmulatorTarget {
  readonly port: number;
  /** False when AWS_ENDPOINT_URL named one that runs already: it is neither started nor stopped. */
  readonly isOurs: boolean;
  /** Resolves only if an emulator of ours ends by itself; never for one that runs already. */
  readonly died: Promise<string>;
}

const EMULATOR = { name: 'the emulator', file: join(import.meta.dirname, 'requirements.txt') };
export const EMULATOR_VERSION = '1.4.21';
const STARTER = join(import.meta.dirname, 'emulator.py');
/** It is ready within seconds; on a machine whose cores are all busy it takes ten times as long. */
const READY_MS_MAX = 300_000;
const ANSWER_MS_MAX = 30_000;
const POLL_MS = 100;
const KEY_BYTES = 32;
const KEY_LENGTH_MIN = 32;

/** Starts the pinned emulator, or takes the one that AWS_ENDPOINT_URL names. Answers when it is ready for requests. */
export async function startEmulator(port: number, note: (text: string) => void): Promise<Emulator> {
  const named = process.env.AWS_ENDPOINT_URL;
  if (named !== undefined && named !== '') return useRunning(named);
  const key = keyOfRun();
  const freePort = await claimPort(port);
  const python = await ensureVenv(EMULATOR, note);
  note(`starting on port ${freePort}`);
  const endpoint = `http://127.0.0.1:${freePort}`;
  const log = logFile(`emulator-${freePort}`);
  writeFileSync(log, '');
  const guarded = await startGuarded({
    command: python,
    args: [STARTER],
    env: emulatorEnvironment(freePort, key),
    cwd: LOCAL_DIR,
    logFile: log,
    removes: stateDir(freePort),
  });
  await untilReady({ endpoint, guarded, log });
  const died = guarded.exited.then(() => `The emulator ended unexpectedly; the end of ${log}:\n${tailOf(log, 5)}`);
  return { endpoint, key, port: freePort, isOurs: true, died };
}

/**
 * The machine's own AWS settings must reach neither the emulator nor what deploys to it; npm's, when `npx` called us, turn
 * the `npx esbuild` of the bundling into another command.
 */
export function localEnvironment(key: string): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|npm_)|^NODE_OPTIONS$/.test(name)),
  );
  return {
    ...env,
    // The emulator runs Lambda functions with the `node` that it finds: the runtime's own version comes first.
    PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    // Of 12 digits: it names the account. Functions inherit the secret from the emulator.
    AWS_ACCESS_KEY_ID: LOCAL_ACCOUNT,
    AWS_SECRET_ACCESS_KEY: key,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(LOCAL_DIR, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(LOCAL_DIR, 'no-aws-credentials'),
  };
}

/** The key of the run: ONECHARGE_EMULATOR_KEY, else a new one. Without it the emulator answers no AWS request. */
function keyOfRun(): string {
  const named = process.env.ONECHARGE_EMULATOR_KEY;
  if (named === undefined || named === '') return randomBytes(KEY_BYTES).toString('base64url');
  if (named.length >= KEY_LENGTH_MIN && /^[\w-]+$/.test(named)) return named;
  throw new UserError(
    `ONECHARGE_EMULATOR_KEY needs at least ${KEY_LENGTH_MIN} letters, digits, _ or -; or unset it to get a new key`,
  );
}

function stateDir(port: number): string {
  return join(LOCAL_DIR, `emulator-${port}`);
}

function emulatorEnvironment(port: number, key: string): NodeJS.ProcessEnv {
  const state = stateDir(port);
  rmSync(state, { recursive: true, force: true });
  mkdirSync(join(state, 'tmp'), { recursive: true });
  // The emulator's own worker script is CommonJS and would take the nearest package.json's word, which is ours, for ESM.
  writeFileSync(join(state, 'package.json'), '{"type":"commonjs"}\n');
  return {
    ...localEnvironment(key),
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    MINISTACK_VERSION: EMULATOR_VERSION,
    MINISTACK_REGION: LOCAL_REGION,
    MINISTACK_ACCOUNT_ID: LOCAL_ACCOUNT,
    TMPDIR: join(state, 'tmp'),
    STATE_DIR: join(state, 'state'),
    S3_DATA_DIR: join(state, 's3'),
    // At its start it stops containers that an earlier one left; ours has none, and others' are not its business.
    DOCKER_HOST: `unix://${join(state, 'no-docker.sock')}`,
    // Functions become active at once: waiting teaches nothing here.
    LAMBDA_STATE_TRANSITION_SECONDS: '0',
    PYTHONUNBUFFERED: '1',
  };
}

async function useRunning(named: string): Promise<Emulator> {
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UserError(`AWS_ENDPOINT_URL is not an address: ${named}; for example http://127.0.0.1:${DEFAULT_PORT}`);
  }
  if (/(^|\.)amazonaws\.com(\.cn)?$/.test(url.hostname)) {
    throw new UserError(
      `AWS_ENDPOINT_URL names AWS itself (${url.hostname}); a local run needs an emulator, or unset it`,
    );
  }
  const target = targetAt(named);
  if (!(await answers(`${target.endpoint}/_localstack/health`))) {
    throw new UserError(`No emulator answers at AWS_ENDPOINT_URL=${named}; start it, or unset the variable to get one`);
  }
  return { ...target, port: Number(url.port), isOurs: false, died: new Promise(() => {}) };
}

/** A port of 0 takes any that is free. */
async function claimPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      reject(
        new UserError(
          `Port ${port} ${reason}; end what listens there (ss -ltnp 'sport = :${port}') or choose another with --port`,
        ),
      );
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const claimed = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(claimed));
    });
  });
}

async function untilReady({ endpoint, guarded, log }: { endpoint: string; guarded: GuardedProcess; log: string }) {
  let hasEnded = false;
  void guarded.exited.then(() => {
    hasEnded = true;
  });
  const deadline = Date.now() + READY_MS_MAX;
  while (!hasEnded && Date.now() < deadline) {
    if (await answers(`${endpoint}/_ministack/ready`)) return;
    await sleep(POLL_MS);
  }
  await guarded.end();
  throw new UserError(`The emulator did not become ready; the end of ${log}: ${tailOf(log, 3)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
