import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** The last lines of a log that say something, for a message about a command that failed. */
export function tailOf(file: string, linesMax: number): string {
  let text = '';
  try {
    text = stripVTControlCharacters(readFileSync(file, 'utf8'));
  } catch {
    return 'no output';
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-linesMax).join('\n') || 'no output';
}
