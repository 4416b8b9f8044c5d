import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { build } from 'esbuild';
import { DETECT_ENVIRONMENT } from '../functions/detection/environment.ts';

export type Handler<Event = KinesisStreamEvent, Result = KinesisStreamBatchResponse> = (
  event: Event,
  context: Context,
) => Promise<Result>;

/** What Lambda and the stack give every function, with a region and credentials that reach nothing. */
export const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
  POWERTOOLS_SERVICE_NAME: 'onecharge',
  POWERTOOLS_METRICS_NAMESPACE: 'Onecharge',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  // What good traffic never reaches.
  ...Object.fromEntries(DETECT_ENVIRONMENT.map((name) => [name, 'none'])),
  FINGERPRINT_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:bench',
};

export interface Bundle {
  /** A new execution environment of the function: cold, with clients of its own. */
  load<Event = KinesisStreamEvent, Result = KinesisStreamBatchResponse>(
    environment: Readonly<Record<string, string>>,
  ): Promise<Handler<Event, Result>>;
}

export const ROOT = join(import.meta.dirname, '..');
/** As in the stack: CommonJS packages in an ESM bundle still call `require`. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
let loads = 0;
const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Bundles a handler as the stack does and puts the configuration beside it. What is measured is what would run, for us
 * and for the peers alike.
 *
 * @param entry below the checkout, for example `functions/detection/detect.lambda.ts`
 * @param root the checkout of another version
 */
export async function bundle(entry: string, configuration: unknown = {}, root = ROOT): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-bench-'));
  folders.push(folder);
  const outfile = join(folder, 'index.mjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    minify: true,
    keepNames: true,
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'configuration.json'), JSON.stringify(configuration));
  return {
    load: async <Event, Result>(environment: Readonly<Record<string, string>>) => {
      Object.assign(process.env, environment);
      const loaded: { readonly handler: Handler<Event, Result> } = await import(
        `${pathToFileURL(outfile).href}?load=${loads++}`
      );
      return loaded.handler;
    },
  };
}
