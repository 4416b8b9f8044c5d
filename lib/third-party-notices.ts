import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a package.json states about its licence and where the package comes from. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly author?: string | { readonly name?: string };
}

const TEXTS = /^(licen[cs]e|notice|copying|copyright|third-?party-licen[cs]es)/i;
const LINE = '-'.repeat(80);

/** Returns the folders of the packages that the modules of a bundle are in, by the ids that the bundler gives them. */
export function packageFolders(modules: Iterable<string>): readonly string[] {
  const folders = new Set<string>();
  for (const id of modules) {
    const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].sort();
}

/** Returns the names, versions and licence texts of packages, as their licences ask of those who pass copies on. */
export function noticesOf(folders: readonly string[]): string {
  const byPackage = new Map(folders.map((folder) => [titleOf(folder), folder]));
  const entries = [...byPackage].sort(([one], [other]) => (one < other ? -1 : 1));
  const notices = entries.map(([title, folder]) => `${LINE}\n${title}\n\n${textOf(folder)}\n`);
  return `The console of Onecharge contains parts of these packages.\n\n${notices.join('\n')}`;
}

function titleOf(folder: string): string {
  const { name, version, license = 'no licence stated' } = manifestOf(folder);
  return `${name} ${version} (${license})`;
}

function textOf(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && TEXTS.test(entry.name),
  );
  if (files.length > 0) return files.map(({ name }) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  const { homepage, author } = manifestOf(folder);
  const by = typeof author === 'string' ? author : author?.name;
  return ['The package comes without a text.', by && `Author: ${by}`, homepage].filter(Boolean).join('\n');
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
