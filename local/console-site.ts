import { extname, join } from 'node:path';
import { ROOT } from '../cli/paths.ts';

export interface SiteFile {
  readonly body: string | Uint8Array;
  readonly type: string;
  /** Its name changes with what is in it: browsers need not ask again. */
  readonly immutable: boolean;
}

/** By path, from the site's root. */
export type Site = ReadonlyMap<string, SiteFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

/** Builds the console as AWS would get it, into memory: no run leaves a folder, none meets another's. */
export async function buildSite(): Promise<Site> {
  const { build } = await import('vite');
  const built = await build({
    configFile: join(ROOT, 'console', 'vite.config.ts'),
    configLoader: 'native',
    logLevel: 'error',
    build: { write: false },
  });
  const outputs = 'output' in built ? [built] : Array.isArray(built) ? built : [];
  const files = outputs.flatMap(({ output }) =>
    output.map((file): [string, SiteFile] => [
      `/${file.fileName}`,
      {
        body: file.type === 'chunk' ? file.code : file.source,
        type: TYPES[extname(file.fileName)] ?? 'application/octet-stream',
        immutable: file.fileName.startsWith('assets/'),
      },
    ]),
  );
  return new Map(files);
}
