import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Received } from '../fixtures/loopback-server.ts';

/** Stripe's own mock server: checks every request against Stripe's OpenAPI specification. A Go program. */
const MODULE = 'github.com/stripe/stripe-mock';
const VERSION = 'v0.203.0';
const FOLDER = fileURLToPath(new URL('../../.local/bin/', import.meta.url));
const BINARY = join(FOLDER, `stripe-mock-${VERSION}`);
const BUILD_MS_MAX = 400_000;
const START_MS_MAX = 20_000;

export interface StripeMock {
  readonly port: number;
  /** Shows it a request; throws when Stripe's specification does not allow it. */
  inspect(received: Received): Promise<void>;
  stop(): Promise<void>;
}

/** Why it cannot be run here; undefined when it can. It is built once, below `.local/`. */
export function stripeMockMissing(): string | undefined {
  if (existsSync(BINARY)) return undefined;
  const { status } = spawnSync('go', ['version']);
  return status === 0
    ? undefined
    : `needs Go 1.22 or later to build ${MODULE}@${VERSION} (Debian: apt-get install golang)`;
}

/** Its charges are captured, of 100 US cents; its payment intents, of 1099, wait for a payment method. */
export async function startStripeMock({ captured }: { readonly captured: boolean }): Promise<StripeMock> {
  build();
  const addresses = ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'];
  const fixtures = captured ? ['-fixtures', capturedFixtures()] : [];
  const server = spawn(BINARY, [...addresses, ...fixtures], { stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => server.kill('SIGKILL');
  process.once('exit', end);
  const port = await portOf(server);
  return {
    port,
    async inspect({ method, url, headers, body }) {
      const response = await fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
        method,
        headers: { authorization: headers.authorization ?? '', 'content-type': 'application/x-www-form-urlencoded' },
        ...(method === 'POST' && { body }),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${method} ${url.pathname} ${body}: ${answer}`);
    },
    stop: async () => {
      process.removeListener('exit', end);
      if (server.exitCode === null && server.kill('SIGTERM')) await once(server, 'exit');
    },
  };
}

function build(): void {
  if (existsSync(BINARY)) return;
  const env = { ...process.env, GOBIN: FOLDER };
  const built = spawnSync('go', ['install', `${MODULE}@${VERSION}`], { env, timeout: BUILD_MS_MAX, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`stripe-mock could not be built: ${built.stderr}`);
  renameSync(join(FOLDER, 'stripe-mock'), BINARY);
}

const fixturesSchema = z.looseObject({
  resources: z.looseObject({ charge: z.looseObject({ amount: z.number() }) }),
});

/** The fixtures that come with it, but for the charge: theirs is not captured. */
function capturedFixtures(): string {
  const changed = join(FOLDER, `stripe-mock-${VERSION}.captured.json`);
  if (existsSync(changed)) return changed;
  const listed = spawnSync('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], { encoding: 'utf8' });
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(listed.stdout));
  const file = join(Dir, 'embedded', 'openapi', 'fixtures3.json');
  const fixtures = fixturesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { charge } = fixtures.resources;
  const captured = { ...charge, captured: true, amount_captured: charge.amount, status: 'succeeded' };
  writeFileSync(changed, JSON.stringify({ ...fixtures, resources: { ...fixtures.resources, charge: captured } }));
  return changed;
}

async function portOf(server: ChildProcess): Promise<number> {
  let output = '';
  const deadline = performance.now() + START_MS_MAX;
  server.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  server.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  while (performance.now() < deadline && server.exitCode === null) {
    const [, port] = /HTTP at address: 127\.0\.0\.1:(\d+)/.exec(output) ?? [];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`stripe-mock did not start: ${output}`);
}
