import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ADAPTER_OPERATIONS, COMMAND_ACTIONS, TRANSACTION_ACTIONS } from './adapter-operations.ts';
import { ROOT } from './synthesized.ts';

/** A handler's own code after tree-shaking, module by module; packages are left out. */
export interface HandlerBundle {
  /** For example `functions/detection/detect.lambda.ts`. */
  readonly entry: string;
  readonly modules: ReadonlyMap<string, string>;
}

export function handlerEntries(): readonly string[] {
  return globSync('functions/**/*.lambda.ts', { cwd: ROOT }).sort();
}

/** Bundled by the same tool and for the same target as what is deployed, but readable. */
export async function bundleHandlers(): Promise<readonly HandlerBundle[]> {
  const entries = handlerEntries();
  const { outputFiles, metafile } = await build({
    entryPoints: [...entries],
    absWorkingDir: ROOT,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    outdir: join(ROOT, 'out-of-tests'),
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  return entries.map((entry) => {
    const [path] = outputs.find(([, { entryPoint }]) => entryPoint === entry) ?? [];
    const file = outputFiles.find(({ path: absolute }) => path !== undefined && absolute === join(ROOT, path));
    if (file === undefined) throw new Error(`no bundle of ${entry}`);
    return { entry, modules: modulesOf(file.text) };
  });
}

/** The bundler writes each module's path as a comment before its code. */
function modulesOf(text: string): ReadonlyMap<string, string> {
  const [, ...parts] = text.split(/^\/\/ ((?:adapters|core|functions)\/[\w./-]+\.ts)$/m);
  const modules = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) modules.set(parts[at] ?? '', parts[at + 1] ?? '');
  return modules;
}

/** What the handler does with AWS: the adapters' operations that its code calls. */
export function needsOf({ modules }: HandlerBundle): ReadonlySet<string> {
  const callers = [...modules].filter(([path]) => !path.startsWith('adapters/')).map(([, code]) => code);
  const needs = new Set<string>();
  for (const [adapter, operations] of Object.entries(ADAPTER_OPERATIONS)) {
    if (!modules.has(adapter)) continue;
    for (const [call, asked] of Object.entries(operations)) {
      if (callers.some((code) => code.includes(call))) for (const need of asked) needs.add(need);
    }
  }
  return needs;
}

/** Adapters that speak to AWS from within a function. */
export function awsAdaptersIn(bundles: readonly HandlerBundle[]): readonly string[] {
  const modules = bundles.flatMap((bundle) => [...bundle.modules]);
  const speaking = modules.filter(([path, code]) => path.startsWith('adapters/') && commandsIn(code).length > 0);
  return [...new Set(speaking.map(([path]) => path))].sort();
}

export function commandsIn(code: string): readonly string[] {
  return [...code.matchAll(/new (\w+?)Command\d*\(/g)].map(([, name = '']) => name);
}

/** The actions of all commands that an adapter's source sends. */
export function actionsIn(adapter: string): readonly string[] {
  const source = sourceOf(adapter);
  const actions = commandsIn(source).flatMap((command) => {
    // A version that is named by its id asks for another permission than the newest.
    if (command === 'GetObject' && source.includes('VersionId')) return ['s3:GetObjectVersion'];
    if (command !== 'TransactWriteItems') return [COMMAND_ACTIONS[command] ?? `an action for ${command}Command`];
    const members = [...source.matchAll(/\b(Put|Update|Delete|ConditionCheck)(?=: | \})/g)];
    return members.map(([, member = '']) => TRANSACTION_ACTIONS[member] ?? member);
  });
  return [...new Set(actions)].sort();
}

function sourceOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
