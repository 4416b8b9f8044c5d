import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/user-error.ts';
import { printCase } from './case-table.ts';
import { playCase } from './play-case.ts';

export interface CasesOptions {
  readonly json?: boolean;
  readonly attested?: boolean;
  readonly config?: string;
}

const EXTENSION = '.ndjson';

/** `onecharge cases DIR`: plays each event file of a folder and prints what became of its charges. */
export async function casesCommand(folder: string, options: CasesOptions): Promise<void> {
  const settings = { isAttested: options.attested === true, configFile: options.config };
  for (const name of caseFilesIn(folder)) {
    const result = await playCase(join(folder, name), settings);
    console.log(options.json ? JSON.stringify(result) : printCase(result));
  }
}

function caseFilesIn(folder: string): readonly string[] {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${folder} does not exist; name a folder with *${EXTENSION} files`);
  if (!stats.isDirectory()) throw new UserError(`${folder} is no folder; name the folder that the file is in`);
  const names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
  if (names.length === 0) throw new UserError(`${folder} has no *${EXTENSION} file; put one event file a case in it`);
  return names.sort();
}
