import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { build } from 'esbuild';

export type Handler = (event: KinesisStreamEvent, context: Context) => Promise<KinesisStreamBatchResponse>;

export interface Bundle {
  /** A new execution environment of the function: cold, with clients of its own. */
  load(environment: Readonly<Record<string, string>>): Promise<Handler>;
}

const ROOT = join(import.meta.dirname, '..');
/** As in the stack: CommonJS packages in an ESM bundle still call `require`. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
let loads = 0;

/**
 * Bundles a handler as the stack does and puts the configuration beside it. What is measured is what would run, for us
 * and for the peers alike.
 *
 * @param entry below the checkout, for example `functions/detection/detect.lambda.ts`
 */
export async function bundle(entry: string, configuration: unknown = {}): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'onecharge-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'index.mjs');
  await build({
    entryPoints: [join(ROOT, entry)],
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
    load: async (environment) => {
      Object.assign(process.env, environment);
      const loaded: { readonly handler: Handler } = await import(`${pathToFileURL(outfile).href}?load=${loads++}`);
      return loaded.handler;
    },
  };
}
