import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './synthesized.ts';

/** The rooms of `core`, in the order in which data flows. A room imports only from rooms before it. */
const STAIRCASE = [
  'events',
  'redrive',
  'detection',
  'cases',
  'refunds',
  'incidents',
  'alerts',
  'configuration',
  'queries',
  'jobs',
] as const;

interface Layer {
  /** Our own modules that the folder may import, types included. */
  readonly own: RegExp;
  /** Where only types may come from: they leave no trace in what runs. */
  readonly types?: RegExp;
  readonly packages: RegExp;
}

const NO_CONSTRUCTS = /^(?!aws-cdk-lib|constructs)/;
/** What runs in a browser. */
const NO_NODE = /^(?!node:|aws-cdk-lib|constructs|@aws-sdk)/;

/** Where a folder's modules may import from. */
const LAYERS: { readonly [folder: string]: Layer } = {
  core: { own: /^core\//, packages: /^zod$/ },
  adapters: { own: /^(adapters|core)\//, packages: NO_CONSTRUCTS },
  // The API answers its own description, which a test holds to the routes.
  functions: { own: /^((functions|adapters|core)\/|docs\/openapi\.json$)/, packages: NO_CONSTRUCTS },
  lib: {
    own: /^(lib\/|functions\/(\w+\/environment|api\/operations)\.ts$|adapters\/(dynamodb\/table-layouts|crypto\/configuration-hash)\.ts$|core\/fault\.ts$|console\/hosting\.ts$)/,
    packages: /^(node:|aws-cdk-lib|constructs$)/,
  },
  scenario: { own: /^(scenario|adapters|core)\//, packages: /^(node:|zod$)/ },
  cli: { own: /^(cli|adapters|core)\//, packages: NO_CONSTRUCTS },
  local: { own: /^((local|scenario|cli|adapters|core)\/|console\/hosting\.ts$)/, packages: NO_CONSTRUCTS },
  // The core's views give the API's answers their types. Of what runs, clock units and the formatting of money are shared.
  console: {
    own: /^(console\/|core\/(clock-units|queries\/views|events\/(format-)?money)\.ts$)/,
    types: /^core\//,
    packages: NO_NODE,
  },
  bin: { own: /^(bin|local|scenario|cli|lib|adapters|core)\//, packages: /./ },
};
/** Runs where the console is built, and not in a browser. */
const CONSOLE_BUILD = 'console/vite.config.ts';
/** A command says what to do; clients of AWS are behind adapters and the modules beside the commands. */
const NO_SDK = /^(?!@aws-sdk)/;

interface Import {
  readonly file: string;
  /** A module of ours as a path from the root, or a package. */
  readonly target: string;
  readonly isOwn: boolean;
  readonly isType: boolean;
}

/** Every import and re-export of a module, of types too: `import … from`, `import '…'`, `export … from`, `import('…')`. */
const IMPORT =
  /(?:^|[\s;(:])(?:(?<kind>import|export)(?<type>\s+type)?\s*(?:[\w$*\s,{}]*?\sfrom\s*|\(\s*)?)(?<quote>['"])(?<name>[^'"]+)\k<quote>/g;

function importsOf(file: string): readonly Import[] {
  const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(IMPORT)].map(({ groups }) => {
    const { name = '', type } = groups ?? {};
    const isOwn = name.startsWith('.');
    return { file, isOwn, isType: type !== undefined, target: isOwn ? normalize(join(dirname(file), name)) : name };
  });
}

function filesIn(folder: string): readonly string[] {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }).sort();
}

const files = Object.keys(LAYERS).flatMap(filesIn);
const imports = files.flatMap(importsOf);
const own = imports.filter(({ isOwn }) => isOwn);

function named({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

describe.each(Object.entries(LAYERS))('%s', (folder, layer) => {
  it('imports only what its place in the house allows', () => {
    const ofFolder = imports.filter(({ file }) => file.startsWith(`${folder}/`) && file !== CONSOLE_BUILD);
    expect(ofFolder).not.toEqual([]);
    const isAllowed = ({ target, isOwn, isType }: Import) =>
      (isOwn ? layer.own : layer.packages).test(target) || (isType && layer.types?.test(target));
    const wrong = ofFolder.filter((each) => !isAllowed(each));
    expect(wrong.map(named)).toEqual([]);
  });
});

describe('core is a staircase', () => {
  const roomOf = (file: string) => /^core\/(\w+)\//.exec(file)?.[1] ?? 'ground';
  const stepOf = (file: string) => ['ground', ...STAIRCASE].indexOf(roomOf(file));

  it('of the rooms that are there', () => {
    const rooms = new Set(files.filter((file) => file.startsWith('core/')).map(roomOf));
    expect([...rooms].sort()).toEqual(['ground', ...STAIRCASE].sort());
  });

  it('whose rooms import only from rooms before them', () => {
    const upward = own.filter(({ file, target }) => file.startsWith('core/') && stepOf(target) > stepOf(file));
    expect(upward.map(named)).toEqual([]);
  });
});

it('no modules import each other in a circle', () => {
  const all = [...files, ...filesIn('bench'), ...filesIn('test')];
  const targets = Map.groupBy(
    all.flatMap(importsOf).filter(({ isOwn }) => isOwn),
    ({ file }) => file,
  );
  const left = new Set(all);
  // Whoever imports nothing that is left is in no circle; what cannot be taken away so is in one, or leads to one.
  for (let size = -1; size !== left.size; ) {
    size = left.size;
    for (const file of left) {
      if (!targets.get(file)?.some(({ target }) => left.has(target))) left.delete(file);
    }
  }
  expect([...left]).toEqual([]);
});

it('the build of the console imports what names its licences, and no other module of the repository', () => {
  const targets = own.filter(({ file }) => file === CONSOLE_BUILD).map(({ target }) => target);
  expect(targets.sort()).toEqual(['console/hosting.ts', 'lib/third-party-notices.ts']);
});

it('no command imports a client of AWS', () => {
  const commands = imports.filter(({ file, isOwn }) => file.startsWith('cli/commands/') && !isOwn);
  expect(commands.filter(({ target }) => !NO_SDK.test(target)).map(named)).toEqual([]);
});

it('finds imports of types, of side effects, at run time and across lines', () => {
  const found = importsOf('test/fixtures/imports-of-every-form.txt').map(({ target }) => target);
  expect(found).toEqual(['test/fixtures/a.ts', 'test/b.ts', 'c', 'test/fixtures/d.ts', 'test/fixtures/e.ts', 'f']);
});
