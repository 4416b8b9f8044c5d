import { globSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ROOT } from './synthesized.ts';

interface Direction {
  /** Modules of our own. */
  readonly own: RegExp;
  readonly packages: RegExp;
}

const NO_CONSTRUCTS = /^(?!aws-cdk-lib|constructs)/;
/** What runs in a browser. */
const NO_NODE = /^(?!node:|aws-cdk-lib|constructs|@aws-sdk)/;

/** Where a folder's modules may import from. Imports of types alone leave no trace in what runs: they are not seen. */
const MAY_IMPORT: { readonly [folder: string]: Direction } = {
  core: { own: /^core\//, packages: /^zod$/ },
  adapters: { own: /^(adapters|core)\//, packages: NO_CONSTRUCTS },
  functions: { own: /^(functions|adapters|core)\//, packages: NO_CONSTRUCTS },
  lib: {
    own: /^(lib\/|functions\/(\w+\/)?config\.ts$|console\/config\.ts$)/,
    packages: /^(node:|aws-cdk-lib|constructs$)/,
  },
  local: { own: /^((local|adapters|core)\/|console\/config\.ts$)/, packages: NO_CONSTRUCTS },
  // What the API answers has its types from the core's views; of what runs, only money's digits and format are shared.
  console: { own: /^(console\/|core\/(queries\/views|events\/(format-)?money)\.ts$)/, packages: NO_NODE },
  bin: { own: /^(bin|local|lib|adapters|core)\//, packages: /./ },
};

const files = Object.keys(MAY_IMPORT)
  .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
  .sort();
const { metafile } = await build({
  entryPoints: files,
  absWorkingDir: ROOT,
  bundle: true,
  packages: 'external',
  platform: 'node',
  loader: { '.svg': 'file' },
  target: 'node24',
  format: 'esm',
  outdir: 'out-of-tests',
  write: false,
  metafile: true,
});

describe.each(Object.entries(MAY_IMPORT))('%s', (folder, { own, packages }) => {
  const modules = files.filter((file) => file.startsWith(`${folder}/`));

  it('is not empty', () => expect(modules).not.toEqual([]));

  it('imports only what its place in the house allows', () => {
    const wrong = modules.flatMap((file) =>
      (metafile.inputs[file]?.imports ?? [])
        .filter(({ path, external = false }) => !(external ? packages : own).test(path))
        .map(({ path }) => `${file} imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });
});
