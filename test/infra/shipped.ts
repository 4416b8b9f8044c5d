import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { build as buildConsole } from 'vite';
import * as z from 'zod';
import { NOTICES_FILE } from '../../console/hosting.ts';
import { packageFolders } from '../../lib/third-party-notices.ts';
import { handlerEntries } from './bundles.ts';
import { ROOT } from './synthesized.ts';

/** A package of which code is in something that is deployed. */
export interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().default('') });

function shippedFrom(modules: Iterable<string>): readonly Shipped[] {
  return packageFolders(modules).map((folder) =>
    manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))),
  );
}

/** What is in the bundles of all functions, made as they are deployed (lib/onecharge-function.ts). */
export async function shippedByFunctions(): Promise<readonly Shipped[]> {
  const { metafile } = await build({
    entryPoints: [...handlerEntries()],
    absWorkingDir: ROOT,
    outdir: join(ROOT, 'out-of-tests'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    write: false,
    metafile: true,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const bundled = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return shippedFrom(bundled.map(([path]) => join(ROOT, path)));
}

/** What is in the built console, and the notices beside it. */
export async function shippedByConsole(): Promise<{ readonly shipped: readonly Shipped[]; readonly notices: string }> {
  const built = await buildConsole({
    configFile: join(ROOT, 'console', 'vite.config.ts'),
    configLoader: 'native',
    logLevel: 'error',
    build: { write: false },
  });
  if (!('output' in built)) throw new Error('the console is built once');
  const modules = built.output.flatMap((one) => (one.type === 'chunk' ? Object.keys(one.modules) : []));
  const notices = built.output.find(({ fileName }) => fileName === NOTICES_FILE);
  return { shipped: shippedFrom(modules), notices: notices?.type === 'asset' ? String(notices.source) : '' };
}

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string(),
      license: z.string().default('no licence stated'),
      dev: z.boolean().default(false),
    }),
  ),
});

/** Everything that the lock file installs, by its path. */
export function locked() {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const { '': _project, ...installed } = packages;
  return Object.entries(installed).map(([path, one]) => ({ name: path.replace(/^.*node_modules\//, ''), ...one }));
}
